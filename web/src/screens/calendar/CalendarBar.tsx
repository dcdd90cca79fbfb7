import { useLocation } from "preact-iso";
import { locale, texts } from "../../i18n/language";
import { plural } from "../../i18n/plural";
import { zoneName } from "../../time/formats";
import { daysLater, isDate } from "../../time/week";
import { LENGTHS } from "./bookable_times";
import { chosenMinutes } from "./view_state";

interface CalendarBarProps {
  date: string;
  today: string;
  days: number;
  onBook: () => void;
}

/** Return the address of the calendar from a date on. */
export function addressOf(date: string, today: string): string {
  return date === today ? "/" : `/?date=${date}`;
}

/** The ways to other days, the length, and the Book button with the link below it. */
export function CalendarBar({ date, today, days, onBook }: CalendarBarProps) {
  const { route } = useLocation();
  const { calendar, layout, words } = texts.value;
  const goTo = (other: string) => other !== date && route(addressOf(other, today));
  return (
    <div class="bar">
      <nav aria-label={layout.calendar}>
        <a href={addressOf(daysLater(date, -days), today)}>{calendar.previous}</a>
        <a href="/" aria-current={date === today ? "page" : undefined}>
          {calendar.today}
        </a>
        <a href={addressOf(daysLater(date, days), today)}>{calendar.next}</a>
        <label>
          <span class="words">{calendar.jump}</span>{" "}
          <input
            type="date"
            value={date}
            onChange={({ currentTarget }) => isDate(currentTarget.value) && goTo(currentTarget.value)}
          />
        </label>
      </nav>
      <fieldset class="lengths">
        <legend>{calendar.length}</legend>
        {LENGTHS.map((minutes) => (
          <label key={minutes}>
            <input
              type="radio"
              name="calendar-length"
              checked={chosenMinutes.value === minutes}
              onChange={() => {
                chosenMinutes.value = minutes;
              }}
            />
            {plural(words.minutes, minutes, locale.value)}
          </label>
        ))}
      </fieldset>
      <div class="ways">
        <button type="button" class="primary" onClick={onBook}>
          {words.book}
        </button>
        <a href="/favorites">{layout.favoritesAvailability}</a>
      </div>
      <p class="quiet zone">{calendar.times(zoneName())}</p>
    </div>
  );
}
