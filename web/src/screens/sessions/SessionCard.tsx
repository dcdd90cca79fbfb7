import { useId } from "preact/hooks";
import { texts } from "../../i18n/language";
import { LockIcon } from "../../parts/LockIcon";
import { timeRange } from "../../time/formats";
import { present } from "../../time/present";
import { RepeatSign } from "../repeats/RepeatSign";
import { ReportButton } from "../reports/ReportButton";
import { Attendance } from "./Attendance";
import { BookAgain } from "./BookAgain";
import { Changes } from "./Changes";
import { ModeEditor } from "./ModeEditor";
import { Partner } from "./Partner";
import { SessionActions } from "./SessionActions";
import { isAhead, minutesOf, partnerOf, type Session, startOf, stateOf } from "./session_state";
import { TitleEditor } from "./TitleEditor";

interface SessionCardProps {
  session: Session;
  onCancel?: (sessionId: string) => void;
  onBookedAgain?: (sessionId: string) => void;
}

/** One session: its time, state, partner, title, and what can be done with it. */
export function SessionCard({ session, onCancel, onBookedAgain }: SessionCardProps) {
  const id = useId();
  const { sessions } = texts.value;
  const now = present.value;
  const state = stateOf(session, now);
  const partner = partnerOf(session);
  const hints: Partial<Record<typeof state, string>> = sessions.stateHints;
  const isCancelled = session.state === "cancelled";
  return (
    <article class={`session ${session.state}`} aria-labelledby={id}>
      <h3 id={id}>
        <time dateTime={session.startTime}>{timeRange(startOf(session), minutesOf(session))}</time>
      </h3>
      <p class="state">
        {session.locked && !isCancelled && <LockIcon decorative={state === "lockedIn"} />}
        <strong>{sessions.states[state]}</strong>
        {hints[state] && <span class="quiet">{hints[state]}</span>}
      </p>
      {session.repeatId && !isCancelled && <RepeatSign repeatId={session.repeatId} describedBy={id} />}
      {partner && <Partner partner={partner} describedBy={id} />}
      <Attendance session={session} now={now} />
      {isAhead(session, now) && <Changes session={session} />}
      {isCancelled ? (
        <>
          {session.title && <p class="session-title">{session.title}</p>}
          <BookAgain session={session} describedBy={id} onBooked={onBookedAgain} />
        </>
      ) : (
        <>
          <TitleEditor session={session} describedBy={id} />
          {isAhead(session, now) && <ModeEditor session={session} />}
          <SessionActions session={session} describedBy={id} onCancel={onCancel} />
        </>
      )}
      <ReportButton session={session} describedBy={id} />
    </article>
  );
}
