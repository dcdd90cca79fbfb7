import { locale, texts } from "../../i18n/language";
import { plural } from "../../i18n/plural";
import { LockIcon } from "../../parts/LockIcon";

interface BookButtonProps {
  isLocking: boolean;
  isRepeating: boolean;
  isSending: boolean;
}

/** The Book button, with a lock where it locks in, and the link to the Favorites Availability below it. */
export function BookButton({ isLocking, isRepeating, isSending }: BookButtonProps) {
  const { calendar, layout, repeats, words } = texts.value;
  const text = isRepeating ? repeats.make : isLocking ? calendar.card.bookAndLock : words.book;
  return (
    <div class="ways">
      <button type="submit" class="primary" aria-disabled={isSending}>
        {isLocking && <LockIcon decorative />} {isSending ? words.booking : text}
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
