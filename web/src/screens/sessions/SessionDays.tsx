import { texts } from "../../i18n/language";
import { changesOn, dayText, pageStyle } from "../../time/formats";
import { SessionCard } from "./SessionCard";
import { sessionDays } from "./session_days";
import type { Session } from "./session_state";

interface SessionDaysProps {
  sessions: readonly Session[];
  onCancel?: (sessionId: string) => void;
  onBookedAgain?: (sessionId: string) => void;
}

/** Sessions under the days of their starts. */
export function SessionDays({ sessions, ...actions }: SessionDaysProps) {
  const style = pageStyle();
  return (
    <>
      {sessionDays(sessions, style).map((day) => (
        <section key={day.key} class="session-day">
          <h2>{dayText(day.start, style)}</h2>
          {changesOn(day.start, style) && <p class="quiet">{texts.value.sessions.clocksChange}</p>}
          <ul>
            {day.sessions.map((session) => (
              <li key={session.sessionId}>
                <SessionCard session={session} {...actions} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}
