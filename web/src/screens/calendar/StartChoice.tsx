import { useMemo } from "preact/hooks";
import { texts } from "../../i18n/language";
import { pageStyle, timeText } from "../../time/formats";
import { dateOf, daysFrom, isDate } from "../../time/week";
import { bookableQuarters, lastStart } from "./bookable_times";

interface StartChoiceProps {
  at: number;
  now: number;
  onChange: (at: number) => void;
}

/** The day and the quarter hour of a booking. Only those that can be booked are offered. */
export function StartChoice({ at, now, onChange }: StartChoiceProps) {
  const { card } = texts.value.calendar;
  const { zone } = pageStyle();
  const date = dateOf(at, zone);
  const quarters = useMemo(() => quartersOf(date, zone, now), [date, zone, now]);
  const chooseDay = (chosen: string) => {
    const minute = quarters.find((quarter) => quarter.at === at)?.minute ?? 0;
    const offered = quartersOf(chosen, zone, now);
    const nearest = offered.find((quarter) => quarter.minute >= minute) ?? offered.at(-1);
    if (nearest) onChange(nearest.at);
  };
  return (
    <div class="start">
      <label>
        {card.day}{" "}
        <input
          type="date"
          required
          value={date}
          min={dateOf(now, zone)}
          max={dateOf(lastStart(now), zone)}
          onChange={({ currentTarget: { value } }) => isDate(value) && chooseDay(value)}
        />
      </label>
      <label>
        {card.start}{" "}
        <select value={at} onChange={({ currentTarget }) => onChange(Number(currentTarget.value))}>
          {quarters.map((quarter) => (
            <option key={quarter.at} value={quarter.at}>
              {timeText(new Date(quarter.at))}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

function quartersOf(date: string, zone: string, now: number) {
  return bookableQuarters(daysFrom(date, 1, zone)[0]?.quarters ?? [], now);
}
