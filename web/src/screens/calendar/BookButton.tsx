import { locale, texts } from "../../i18n/language";
import { plural } from "../../i18n/plural";
import { LockIcon } from "../../parts/LockIcon";
import type { BookingFlow } from "./booking_flow";

/** The Book button, with a lock where it locks in, and the link to the Favorites Availability below it. */
export function BookButton({ isLocking, flow }: { isLocking: boolean; flow: BookingFlow }) {
  const { calendar, layout, words } = texts.value;
  const isSending = flow.pending !== null;
  return (
    <div class="ways">
      <button type="submit" class="primary" aria-disabled={isSending}>
        {isLocking && <LockIcon decorative />}{" "}
        {isSending ? words.booking : isLocking ? calendar.card.bookAndLock : words.book}
      </button>
      <a href="/favorites">{layout.favoritesAvailability}</a>
    </div>
  );
}

/** The way to the Partner panel from a card without it. */
export function PanelButton({ count, onOpen }: { count: number; onOpen: () => void }) {
  const { calendar } = texts.value;
  return (
    <p>
      <button type="button" onClick={onOpen}>
        {calendar.panel.open(plural(calendar.favoritesCount, count, locale.value))}
      </button>
    </p>
  );
}
