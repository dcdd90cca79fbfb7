import { useMemo } from "preact/hooks";
import { locale, texts } from "../../i18n/language";
import { plural } from "../../i18n/plural";
import { pageStyle, timeText } from "../../time/formats";
import { dateOf, daysFrom, isDate } from "../../time/week";
import { bookableQuarters, LENGTHS, lastStart } from "./bookable_times";
import { chosenMinutes } from "./view_state";

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

/** The lengths of a session. The calendar keeps the chosen one. */
export function LengthChoice() {
  const { calendar } = texts.value;
  return (
    <fieldset class="lengths">
      <legend>{calendar.length}</legend>
      {LENGTHS.map((minutes) => (
        <label key={minutes}>
          <input
            type="radio"
            name="length"
            checked={chosenMinutes.value === minutes}
            onChange={() => {
              chosenMinutes.value = minutes;
            }}
          />
          {plural(calendar.minutes, minutes, locale.value)}
        </label>
      ))}
    </fieldset>
  );
}
