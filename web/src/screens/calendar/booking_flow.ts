import { useRef } from "preact/hooks";
import { type BookingWish, useBook } from "../../api/booking";
import type { Schemas } from "../../api/client";
import { isolated, texts } from "../../i18n/language";
import { announce } from "../../parts/announcements";
import { dayText, timeRange } from "../../time/formats";
import { minutesOf } from "./cells";
import { Turn } from "./turn";

/** How a booking ended. Without a failure the slot is booked. */
interface Ending {
  failure: unknown;
}

/** The booking of the calendar that is on its way, and the way to send one. */
export interface BookingFlow {
  pending: BookingWish | null;
  /** Book and return how it ended. While one booking is on its way no other one is sent, and the result is null. */
  send: (wish: BookingWish) => Promise<Ending | null>;
}

/** Return the flow of the calendar screen, which outlives the card that starts a booking. */
export function useBookingFlow(): BookingFlow {
  const booking = useBook();
  const turn = useRef(new Turn());
  const attempt = async (wish: BookingWish): Promise<Ending> => {
    try {
      announce(bookedText(await booking.mutateAsync(wish)));
      return { failure: null };
    } catch (failure) {
      return { failure };
    }
  };
  const send = (wish: BookingWish) => turn.current.take(() => attempt(wish));
  const pending = booking.isPending ? booking.variables : null;
  return { pending, send };
}

/** Return what the service did, in words. */
function bookedText(session: Schemas["Session"]): string {
  const { calendar } = texts.value;
  const start = new Date(session.startTime);
  const when = `${dayText(start)}, ${timeRange(start, minutesOf(session.duration))}`;
  const name = session.users[1]?.name;
  if (!name) return calendar.booked(when);
  return session.locked ? calendar.lockedInWith(isolated(name), when) : calendar.bookedWith(isolated(name), when);
}
