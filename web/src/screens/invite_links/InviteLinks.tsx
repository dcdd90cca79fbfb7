import { useState } from "preact/hooks";
import { useInviteLinks } from "../../api/invite_links";
import { useSessionsFromToday } from "../../api/sessions";
import { texts } from "../../i18n/language";
import { Entries } from "../../parts/Entries";
import { Loaded } from "../../parts/Loaded";
import { SecretDialog } from "../../parts/SecretDialog";
import { present } from "../../time/present";
import { LinkEntry } from "./LinkEntry";
import { NewLink } from "./NewLink";
import { sessionRange } from "./session_range";
import "../settings/settings.css";

/** The invite links of the member, and the form for a new one (R25). */
export default function InviteLinks() {
  const links = useInviteLinks();
  const sessions = useSessionsFromToday(...sessionRange(present.value));
  const [address, setAddress] = useState<string | null>(null);
  const { inviteLinks: text, layout } = texts.value;
  return (
    <div class="settings">
      <h1>{layout.inviteLinks}</h1>
      <p>{text.explanation}</p>
      <p>{text.lockedIn}</p>
      <Loaded query={sessions}>
        {(own) => (
          <>
            <NewLink sessions={own} onMade={setAddress} />
            <h2 id="links-title" tabIndex={-1}>
              {text.yours}
            </h2>
            <Entries query={links} none={text.none}>
              {(link) => <LinkEntry key={link.inviteLinkId} link={link} sessions={own} />}
            </Entries>
          </>
        )}
      </Loaded>
      {address !== null && (
        <SecretDialog
          title={text.made}
          label={text.address}
          secret={address}
          hint={text.use}
          isForOthers
          onClose={() => setAddress(null)}
        />
      )}
    </div>
  );
}
