import { useSessions } from "../../api/sessions";
import { language, texts } from "../../i18n/language";

/** The calendar of the member. */
export default function Calendar() {
  const { calendar, layout } = texts.value;
  const today = new Date();
  today.setHours(0, 0, 0, 0);
  const end = new Date(today.getTime() + 7 * 86_400_000);
  const sessions = useSessions(today.toISOString(), end.toISOString());
  const format = new Intl.DateTimeFormat(language.value, { dateStyle: "medium", timeStyle: "short" });
  return (
    <>
      <h1>{calendar.title}</h1>
      {sessions.isPending && <p>{layout.loading}</p>}
      <ul>
        {sessions.data?.map((session) => (
          <li key={session.sessionId}>{format.format(new Date(session.startTime))}</li>
        ))}
      </ul>
      {sessions.data?.length === 0 && <p>{calendar.none}</p>}
    </>
  );
}
