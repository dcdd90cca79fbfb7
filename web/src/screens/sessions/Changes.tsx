import { texts } from "../../i18n/language";
import { dayText, timeText } from "../../time/formats";
import { changeSummary, distinctChanges, type Session } from "./session_state";

/** What other members changed in a session: one sentence, with the last changes and their times behind it. */
export function Changes({ session }: { session: Session }) {
  const { sessions } = texts.value;
  const summary = changeSummary(session);
  if (!summary) return null;
  return (
    <details class="changes">
      <summary>{sessions.changeSummaries[summary]}</summary>
      <ul>
        {distinctChanges(session.changes).map(({ kind, at }) => (
          <li key={at + kind}>
            <time dateTime={at}>
              {dayText(new Date(at))}, {timeText(new Date(at))}
            </time>
            {": "}
            {sessions.changes[kind]}
          </li>
        ))}
      </ul>
    </details>
  );
}
