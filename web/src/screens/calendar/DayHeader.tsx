import { texts } from "../../i18n/language";
import { changesOn, dayText, pageStyle } from "../../time/formats";
import type { LocalDay } from "../../time/week";

/** The heading of one day. It says on which days the clocks change. */
export function DayHeader({ day, isToday }: { day: LocalDay; isToday: boolean }) {
  const { calendar } = texts.value;
  const style = pageStyle();
  const noon = new Date(`${day.date}T12:00Z`);
  // A date in UTC is the same date in every zone, also where the zone left it out.
  const inUtc = { ...style, zone: "UTC" };
  const [weekday, date] = [{ weekday: "short" }, { day: "numeric", month: "short" }].map((options) =>
    new Intl.DateTimeFormat(style.locale, { ...options, timeZone: "UTC" } as Intl.DateTimeFormatOptions).format(noon),
  );
  const first = day.quarters[0];
  return (
    <th scope="col" aria-current={isToday ? "date" : undefined}>
      <span class="hidden">{dayText(noon, inUtc)}</span>
      <span aria-hidden="true">
        {weekday} <b>{date}</b>
      </span>
      {first && changesOn(new Date(first.at), style) && <small>{calendar.clocksChange}</small>}
    </th>
  );
}
