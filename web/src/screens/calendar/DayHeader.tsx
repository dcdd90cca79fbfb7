import { texts } from "../../i18n/language";
import type { TimeStyle } from "../../time/formats";

interface DayHeaderProps {
  date: string;
  /** The date in words. */
  name: string;
  isToday: boolean;
  isChange: boolean;
  style: TimeStyle;
}

/** The heading of one day. It says on which days the clocks change. */
export function DayHeader({ date, name, isToday, isChange, style }: DayHeaderProps) {
  // A date in UTC is the same date in every zone, also where the zone left it out.
  const noon = new Date(`${date}T12:00Z`);
  const part = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(style.locale, { ...options, timeZone: "UTC" }).format(noon);
  return (
    <th scope="col" aria-current={isToday ? "date" : undefined}>
      <span class="hidden">{name}</span>
      <span aria-hidden="true">
        {part({ weekday: "short" })} <b>{part({ day: "numeric", month: "short" })}</b>
      </span>
      {isChange && <small>{texts.value.calendar.clocksChange}</small>}
    </th>
  );
}
