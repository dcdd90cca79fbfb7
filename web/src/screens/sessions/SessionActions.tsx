import { useState } from "preact/hooks";
import { useApp } from "../../app_context";
import { texts } from "../../i18n/language";
import { announce } from "../../parts/announcements";
import { JoinLink } from "../../parts/JoinLink";
import { refusalText } from "../../parts/refusal_text";
import { present } from "../../time/present";
import { saveCalendarFile } from "./calendar_file";
import { isAhead, type Session, sessionEnd } from "./session_state";

interface SessionActionsProps {
  session: Session;
  describedBy: string;
  onCancel?: ((sessionId: string) => void) | undefined;
}

/** The way to the room, the calendar file, and the cancel of a session. */
export function SessionActions({ session, describedBy, onCancel }: SessionActionsProps) {
  const { api } = useApp();
  const [isSaving, setSaving] = useState(false);
  const { sessions } = texts.value;
  const now = present.value;
  if (sessionEnd(session) <= now) return null;
  async function saveFile() {
    if (isSaving) return;
    setSaving(true);
    await saveCalendarFile(api, session).catch((error) => announce(refusalText(error), "failure"));
    setSaving(false);
  }
  return (
    <div class="actions">
      <JoinLink session={session} describedBy={describedBy} />
      <button type="button" aria-disabled={isSaving} aria-describedby={describedBy} onClick={saveFile}>
        {sessions.addToCalendar}
      </button>
      {onCancel && isAhead(session, now) && (
        <button type="button" class="danger" aria-describedby={describedBy} onClick={() => onCancel(session.sessionId)}>
          {sessions.cancel}
        </button>
      )}
    </div>
  );
}
