import { useLocation } from "preact-iso";
import { useSessions } from "../../api/sessions";
import { locale, texts } from "../../i18n/language";
import { Loaded } from "../../parts/Loaded";
import { present } from "../../time/present";
import { AttendanceScore } from "./AttendanceScore";
import { monthAfter, monthName, monthOf, monthRange } from "./months";
import { SessionDays } from "./SessionDays";
import { past, startOf } from "./session_state";

/** The sessions of one month that have ended, newest first. The address names the month. */
export function Past() {
  const { query: parameters } = useLocation();
  const now = present.value;
  const month = monthOf(parameters.month, now);
  const { start, end } = monthRange(month);
  const query = useSessions(start.toISOString(), end.toISOString());
  const { sessions } = texts.value;
  const name = monthName(month, locale.value);
  // A range has both of its ends, and a session belongs to the month of its start.
  const shown = past(query.data ?? [], now).filter((session) => startOf(session) >= start && startOf(session) < end);
  return (
    <>
      <AttendanceScore />
      <h2>{name}</h2>
      <Loaded query={query}>
        {() => (shown.length === 0 ? <p class="empty">{sessions.noPast(name)}</p> : <SessionDays sessions={shown} />)}
      </Loaded>
      <Months month={month} isPresent={month === monthOf(undefined, now)} />
    </>
  );
}

function Months({ month, isPresent }: { month: string; isPresent: boolean }) {
  const { sessions } = texts.value;
  const link = (step: number, text: (name: string) => string) => {
    const other = monthAfter(month, step);
    return <a href={`/sessions/past?month=${other}`}>{text(monthName(other, locale.value))}</a>;
  };
  return (
    <nav class="months" aria-label={sessions.months}>
      {link(-1, sessions.older)}
      {!isPresent && link(1, sessions.newer)}
    </nav>
  );
}
