import { useMemo, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { type CalendarSlot, useCalendar } from "../../api/calendar";
import { useSession } from "../../api/sessions";
import { texts } from "../../i18n/language";
import { refusalText } from "../../parts/refusal_text";
import { pageStyle } from "../../time/formats";
import { dateOf, daysFrom, isDate, type LocalDay, rangeOf, wallRows } from "../../time/week";
import { BookingCard } from "./BookingCard";
import { proposedStart, takenBy } from "./bookable_times";
import { useBookingFlow } from "./booking_flow";
import { addressOf, CalendarBar } from "./CalendarBar";
import "./calendar.css";
import { arrange, sessionIn } from "./cells";
import { Legend } from "./DemandIcon";
import { SessionCard } from "./SessionCard";
import { chosenMinutes, useIsWide, useNow } from "./view_state";
import { WeekGrid } from "./WeekGrid";

const DAYS_OF_WEEK = 7;

type Opened = { kind: "booking"; at: number; hasPanel: boolean } | { kind: "session"; sessionId: string };

/** The calendar: a week on a wide screen, a day on a narrow one, and the cards that a cell opens. */
export default function Calendar() {
  const { query, route } = useLocation();
  const { zone } = pageStyle();
  const now = useNow();
  const count = useIsWide() ? DAYS_OF_WEEK : 1;
  const today = dateOf(now, zone);
  // Mails and push messages link to a session of the calendar.
  const linked = useSession(query.session);
  const linkedDate = linked.data && dateOf(Date.parse(linked.data.startTime), zone);
  const date = isDate(query.date) ? query.date : (linkedDate ?? today);
  const days = useMemo(() => daysFrom(date, count, zone), [date, count, zone]);
  const rows = useMemo(() => wallRows(days), [days]);
  const shown = useCalendar(rangeOf(days));
  const flow = useBookingFlow();
  const minutes = chosenMinutes.value;
  const [slots, isKnown, booking] = [shown.data ?? [], shown.data !== undefined, flow.pending];
  const near = useNearSlots(now, days, slots);
  const cells = useMemo(
    () => arrange(days, rows, { slots, isKnown, now, minutes, booking }),
    [days, rows, shown.data, now, minutes, booking],
  );
  const [opened, setOpened] = useState<Opened | null>(null);
  const close = () => setOpened(null);
  const proposed = () => proposedStart(days, now, minutes, takenBy([...near, ...slots]));
  const choose = (at: number, isMore: boolean) => {
    const cell = cells.flat().find((other) => other?.quarter.at === at);
    if (cell?.session && !isMore) setOpened({ kind: "session", sessionId: cell.session.sessionId });
    else if (cell?.bookable === "bookable") setOpened({ kind: "booking", at, hasPanel: isMore });
  };
  const { calendar, words, layout } = texts.value;
  return (
    <>
      <h1>{layout.calendar}</h1>
      <CalendarBar
        date={date}
        today={today}
        days={count}
        isLoading={shown.isPending}
        onBook={() => setOpened({ kind: "booking", at: proposed(), hasPanel: false })}
      />
      {shown.isError && (
        <p role="alert">
          {calendar.failed} {refusalText(shown.error)}{" "}
          <button type="button" onClick={() => shown.refetch()}>
            {words.tryAgain}
          </button>
        </p>
      )}
      <WeekGrid days={days} rows={rows} cells={cells} now={now} isBusy={shown.isPending} onChoose={choose} />
      <Legend />
      {opened?.kind === "booking" && (
        <BookingCard at={opened.at} hasPanel={opened.hasPanel} {...{ now, slots, flow }} onClose={close} />
      )}
      {opened?.kind === "session" && <SessionCard session={sessionIn(slots, opened.sessionId)} onClose={close} />}
      {query.session && !linked.isPending && (
        <SessionCard
          session={linked.data ?? null}
          failure={linked.error}
          onClose={() => route(addressOf(date, today), true)}
        />
      )}
    </>
  );
}

/** Return the slots of today and tomorrow. Those of the shown days are enough where both are shown. */
function useNearSlots(now: number, days: readonly LocalDay[], slots: readonly CalendarSlot[]): readonly CalendarSlot[] {
  const { zone } = pageStyle();
  const today = dateOf(now, zone);
  const near = useMemo(() => daysFrom(today, 2, zone), [today, zone]);
  const isShown = near.every(({ date }) => days.some((day) => day.date === date));
  const read = useCalendar(rangeOf(near), !isShown);
  return isShown ? slots : (read.data ?? slots);
}
