import { useEffect, useRef } from "preact/hooks";
import { type BookingWish, useBook } from "../../api/booking";
import { texts } from "../../i18n/language";
import { announce } from "../../parts/announcements";
import { refusalText } from "../../parts/refusal_text";
import { present } from "../../time/present";
import { type Session, startOf } from "./session_state";

interface BookAgainProps {
  session: Session;
  describedBy: string;
  onBooked?: ((sessionId: string) => void) | undefined;
}

/** The way back after a cancel: another booking of the same slot, with the same title and activity. */
export function BookAgain({ session, describedBy, onBooked }: BookAgainProps) {
  const button = useRef<HTMLButtonElement>(null);
  const book = useBook();
  const { sessions, words } = texts.value;
  // The button that opened the question is gone, so the keyboard goes on here.
  useEffect(() => button.current?.focus(), []);
  if (startOf(session) <= present.value) return null;
  async function send() {
    if (book.isPending) return;
    try {
      await book.mutateAsync(wishOf(session));
    } catch {
      return;
    }
    announce(sessions.bookedAgain);
    onBooked?.(session.sessionId);
  }
  return (
    <div class="actions">
      <button ref={button} type="button" aria-disabled={book.isPending} aria-describedby={describedBy} onClick={send}>
        {book.isPending ? words.booking : sessions.bookAgain}
      </button>
      {book.isError && <p role="alert">{refusalText(book.error)}</p>}
    </div>
  );
}

function wishOf({ startTime, duration, title, preferFavorites, users: [own] }: Session): BookingWish {
  const { activityType, quietMode } = own ?? {};
  return { startTime, duration, preferFavorites, title, ...(own && { activityType, quietMode }) };
}
