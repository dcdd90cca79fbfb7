import { useState } from "preact/hooks";
import { useCancel } from "../../api/booking";
import { data } from "../../api/client";
import { useApp } from "../../app_context";
import { isolated, texts } from "../../i18n/language";
import { announce } from "../../parts/announcements";
import { Dialog } from "../../parts/Dialog";
import { refusalText } from "../../parts/refusal_text";
import { dayText, timeRange } from "../../time/formats";
import { present } from "../../time/present";
import { isLate, minutesOf, partnerOf, type Session, startOf } from "./session_state";

interface CancelDialogProps {
  session: Session;
  onClose: () => void;
  onCancelled: (session: Session) => void;
}

/** The question before a cancel, with what follows for the partner. */
export function CancelDialog({ session, onClose, onCancelled }: CancelDialogProps) {
  const { api } = useApp();
  const cancel = useCancel();
  const [error, setError] = useState<unknown>(null);
  const { repeats, sessions, words } = texts.value;
  const partner = partnerOf(session);
  const { sessionId } = session;
  async function send() {
    if (cancel.isPending) return;
    setError(null);
    try {
      await cancel.mutateAsync(sessionId);
    } catch (failure) {
      setError(failure);
      return;
    }
    announce(sessions.cancelDone);
    // The service judges whether the cancel was late.
    const answer = api.GET("/v1/sessions/{sessionId}", { params: { path: { sessionId } } });
    const shown = await data(answer).catch(() => ({ session: { ...session, state: "cancelled" as const } }));
    onCancelled(shown.session);
  }
  return (
    <Dialog title={sessions.cancelTitle} onClose={onClose}>
      <p>
        {dayText(startOf(session))}, {timeRange(startOf(session), minutesOf(session))}
      </p>
      <p>{partner ? sessions.cancelPartner(isolated(partner.name ?? "")) : sessions.cancelAlone}</p>
      {session.repeatId && <p>{repeats.onlyThis}</p>}
      {isLate(session, present.value) && <p class="late">{sessions.cancelLate}</p>}
      {error !== null && <p role="alert">{refusalText(error, { too_late: sessions.cancelTooLate })}</p>}
      <div class="actions">
        <button type="button" class="danger" aria-disabled={cancel.isPending} onClick={send}>
          {cancel.isPending ? sessions.cancelling : sessions.cancelNow}
        </button>
        <button type="button" onClick={onClose}>
          {words.keep}
        </button>
      </div>
    </Dialog>
  );
}
