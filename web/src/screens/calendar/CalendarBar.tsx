import { useLocation } from "preact-iso";
import { texts } from "../../i18n/language";
import { zoneName } from "../../time/formats";
import { daysLater, isDate } from "../../time/week";
import { LengthChoice } from "./LengthChoice";

interface CalendarBarProps {
  date: string;
  today: string;
  days: number;
  isLoading: boolean;
  onBook: () => void;
}

/** Return the address of the calendar from a date on. */
export function addressOf(date: string, today: string): string {
  return date === today ? "/" : `/?date=${date}`;
}

/** The ways to other days, the length, and the Book button with the link below it. */
export function CalendarBar({ date, today, days, isLoading, onBook }: CalendarBarProps) {
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
      <LengthChoice />
      <div class="ways">
        <button type="button" class="primary" onClick={onBook}>
          {words.book}
        </button>
        <a href="/favorites">{layout.favoritesAvailability}</a>
      </div>
      <p class="quiet zone">
        {calendar.times(zoneName())} <span role="status">{isLoading && layout.loading}</span>
      </p>
    </div>
  );
}
