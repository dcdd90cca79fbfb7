import { useState } from "preact/hooks";
import { useSessionsFromToday } from "../../api/sessions";
import { texts } from "../../i18n/language";
import { Loaded } from "../../parts/Loaded";
import { present } from "../../time/present";
import { CancelDialog } from "./CancelDialog";
import { SessionDays } from "./SessionDays";
import { isAhead, type Session, upcoming } from "./session_state";

// Sessions are booked at most 13 weeks ahead (R30).
const DAYS_AHEAD = 93;

/** The sessions that have not ended, with those that were just cancelled here. */
export function Upcoming() {
  const now = present.value;
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  const end = new Date(now.getFullYear(), now.getMonth(), now.getDate() + DAYS_AHEAD);
  const query = useSessionsFromToday(midnight.toISOString(), end.toISOString());
  const [asked, ask] = useState<string | null>(null);
  const [cancelled, setCancelled] = useState<readonly Session[]>([]);
  const { sessions } = texts.value;
  const forget = (sessionId: string) => setCancelled((all) => all.filter((each) => each.sessionId !== sessionId));
  const shown = upcoming(query.data ?? [], cancelled, now);
  // A session that is cancelled elsewhere closes the question.
  const chosen = shown.find((session) => session.sessionId === asked && isAhead(session, now));
  return (
    <>
      <Loaded query={query}>
        {() =>
          shown.length === 0 ? (
            <p class="empty">
              {sessions.noUpcoming} <a href="/">{sessions.toCalendar}</a>
            </p>
          ) : (
            <SessionDays sessions={shown} onCancel={ask} onBookedAgain={forget} />
          )
        }
      </Loaded>
      {chosen && (
        <CancelDialog
          session={chosen}
          onClose={() => ask(null)}
          onCancelled={(session) => {
            setCancelled((all) => [...all, session]);
            ask(null);
          }}
        />
      )}
    </>
  );
}
