import { useQueryClient } from "@tanstack/preact-query";
import type { Schemas } from "../../api/client";
import { INVITE_LINKS, revokeInviteLink } from "../../api/invite_links";
import { useApp } from "../../app_context";
import { locale, texts } from "../../i18n/language";
import { plural } from "../../i18n/plural";
import { ConfirmedButton } from "../../parts/ConfirmedButton";
import { present } from "../../time/present";
import { instantDay } from "../settings/dates";
import { linkState } from "./link_state";
import { sessionText } from "./session_text";

interface LinkEntryProps {
  link: Schemas["InviteLink"];
  sessions: readonly Schemas["Session"][];
}

/** An invite link with its limits and its state. Its address was shown once, when it was made. */
export function LinkEntry({ link, sessions }: LinkEntryProps) {
  const { api } = useApp();
  const queries = useQueryClient();
  const text = texts.value.inviteLinks;
  const { inviteLinkId, expiresAt } = link;
  const state = linkState(link, sessions, present.value);
  const target = targetText(link, sessions);
  return (
    <li>
      <div>
        <strong>{target}</strong>
        <p class="quiet">
          {usesText(link)} {expiresAt && state !== "expired" && text.expires(instantDay(expiresAt))}
        </p>
        <p>{state === "expired" && expiresAt ? text.expired(instantDay(expiresAt)) : text.states[state]}</p>
      </div>
      <ConfirmedButton
        text={texts.value.words.revoke}
        name={text.revokeName(target)}
        question={text.revokeQuestion}
        explanation={text.revokeExplanation}
        doneText={text.revoked}
        headingId="links-title"
        action={async () => {
          await revokeInviteLink(api, inviteLinkId);
          await queries.invalidateQueries({ queryKey: INVITE_LINKS });
        }}
      />
    </li>
  );
}

function targetText({ sessionId }: Schemas["InviteLink"], sessions: readonly Schemas["Session"][]): string {
  const text = texts.value.inviteLinks;
  if (sessionId === null) return text.allTimes;
  const session = sessions.find((each) => each.sessionId === sessionId);
  return session ? sessionText(session) : text.earlierSession;
}

function usesText({ uses, maxUses }: Schemas["InviteLink"]): string {
  const text = texts.value.inviteLinks;
  const used = plural(text.used, uses, locale.value);
  return maxUses === null ? used : text.usedOf(used, plural(text.most, maxUses, locale.value));
}
