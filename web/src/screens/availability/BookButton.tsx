import { isolated, texts } from "../../i18n/language";
import { Dialog } from "../../parts/Dialog";
import { LockIcon } from "../../parts/LockIcon";
import type { LockIn, LockInWish } from "./lock_in";

/** The Book button of a chosen slot with a chosen partner. */
export function BookButton({ lockIn, wish }: { lockIn: LockIn; wish: LockInWish }) {
  const { calendar, words } = texts.value;
  return (
    <button type="button" class="primary" aria-disabled={lockIn.isBooking} onClick={() => lockIn.book(wish)}>
      <LockIcon decorative /> {lockIn.isBooking ? words.booking : calendar.card.bookAndLock}
    </button>
  );
}

/** The question whether a lock-in may replace another session, while it waits for an answer. */
export function ReplaceQuestion({ lockIn }: { lockIn: LockIn }) {
  const { availability, words } = texts.value;
  const wish = lockIn.question;
  if (!wish) return null;
  return (
    <Dialog title={availability.replaceTitle} onClose={() => lockIn.end()}>
      <p>{availability.replaceText(isolated(wish.partner.name))}</p>
      <div class="choices">
        <button type="button" class="danger" onClick={() => lockIn.book(wish, true)}>
          {availability.replace}
        </button>
        <button type="button" onClick={() => lockIn.end()}>
          {words.keep}
        </button>
      </div>
    </Dialog>
  );
}
