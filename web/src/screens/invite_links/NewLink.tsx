import { useQueryClient } from "@tanstack/preact-query";
import type { Schemas } from "../../api/client";
import { INVITE_LINKS, makeInviteLink } from "../../api/invite_links";
import { useApp } from "../../app_context";
import { ExpiryField } from "../../forms/ExpiryField";
import { expiryInstant, NO_EXPIRY } from "../../forms/expiry";
import { SelectField, TextField } from "../../forms/Field";
import { useForm } from "../../forms/form";
import { faultyField } from "../../forms/form_faults";
import { SavedForm } from "../../forms/SavedForm";
import { texts } from "../../i18n/language";
import { present } from "../../time/present";
import { sessionsToOffer, usesOf } from "./link_state";
import { sessionText } from "./session_text";

const NEW_LINK = { sessionId: "", expiry: NO_EXPIRY, uses: "" };

interface NewLinkProps {
  sessions: readonly Schemas["Session"][];
  onMade: (address: string) => void;
}

/** The form for a new invite link, for all available times or for one session. */
export function NewLink({ sessions, onMade }: NewLinkProps) {
  const { api } = useApp();
  const queries = useQueryClient();
  const text = texts.value.inviteLinks;
  const form = useForm(NEW_LINK, async (_, { sessionId, expiry, uses }) => {
    const [expiresAt, maxUses] = [expiryInstant(expiry, present.value), usesOf(uses)];
    if (expiresAt === undefined) throw faultyField("expiresAt");
    if (maxUses === undefined) throw faultyField("maxUses");
    // Also after a lost connection: the list then has what was made.
    const refresh = () => {
      queries.invalidateQueries({ queryKey: INVITE_LINKS });
    };
    onMade(await makeInviteLink(api, { sessionId: sessionId || null, expiresAt, maxUses }).finally(refresh));
  });
  const offered = sessionsToOffer(sessions, present.value);
  return (
    <SavedForm
      isMaking
      form={form}
      fields={["sessionId", "expiresAt", "maxUses"]}
      submitText={text.make}
      savedText={text.madeText}
    >
      <h2>{text.newLink}</h2>
      <SelectField
        label={text.target}
        name="sessionId"
        hint={text.targetHint}
        value={form.values.sessionId}
        options={[["", text.allTimes], ...offered.map((session) => [session.sessionId, sessionText(session)] as const)]}
        onChange={(sessionId) => form.set("sessionId", sessionId)}
      />
      <ExpiryField value={form.values.expiry} onChange={(expiry) => form.set("expiry", expiry)} />
      <TextField
        label={text.uses}
        name="maxUses"
        inputmode="numeric"
        hint={text.usesHint}
        faultText={text.usesFault}
        value={form.values.uses}
        onChange={(uses) => form.set("uses", uses)}
      />
    </SavedForm>
  );
}
