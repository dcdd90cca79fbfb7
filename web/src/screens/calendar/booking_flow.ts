import { useRef } from "preact/hooks";
import { type BookingWish, useBook } from "../../api/booking";
import type { Schemas } from "../../api/client";
import { isolated, texts } from "../../i18n/language";
import { announce } from "../../parts/announcements";
import { dayText, timeRange } from "../../time/formats";
import { minutesOf } from "./cells";

/** The booking of the calendar that is on its way, and the way to send one. */
export interface BookingFlow {
  pending: BookingWish | null;
  /** Book and return null, or return the failure. While one booking is on its way no other one is sent. */
  send: (wish: BookingWish) => Promise<unknown>;
}

/** Return the flow of the calendar screen, which outlives the card that starts a booking. */
export function useBookingFlow(): BookingFlow {
  const booking = useBook();
  const isSending = useRef(false);
  const send = async (wish: BookingWish) => {
    if (isSending.current) return null;
    isSending.current = true;
    try {
      announce(bookedText(await booking.mutateAsync(wish)));
      return null;
    } catch (failure) {
      return failure;
    } finally {
      isSending.current = false;
    }
  };
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
