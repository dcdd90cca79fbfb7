import type { CalendarSlot } from "../../api/calendar";
import type { Schemas } from "../../api/client";
import { footprint, type Minutes, overlaps } from "./bookable_times";

/** Return the own sessions that a booking would overlap, without one in the same slot. */
export function overlapping(slots: readonly CalendarSlot[], startTime: string, duration: number): Schemas["Session"][] {
  const wanted = footprint(startTime, duration);
  return slots.flatMap(({ session }) => {
    if (!session || !overlaps(wanted, footprint(session.startTime, session.duration))) return [];
    const isSameSlot = Date.parse(session.startTime) === wanted.start && session.duration === duration;
    return isSameSlot && !session.locked ? [] : session;
  });
}

/** Return true where an own session prevents a lock-in: it overlaps, or is locked in with another partner (R16). */
export function isInTheWay(slots: readonly CalendarSlot[], at: number, minutes: Minutes): boolean {
  return overlapping(slots, new Date(at).toISOString(), minutes * 60_000).length > 0;
}

/** Return the own session of a slot that is waiting or matched, to which a partner can be added. */
export function ownSession(slots: readonly CalendarSlot[], at: number, minutes: Minutes): Schemas["Session"] | null {
  const isThis = ({ startTime, duration }: CalendarSlot) =>
    Date.parse(startTime) === at && duration === minutes * 60_000;
  return slots.find((slot) => slot.session && !slot.session.locked && isThis(slot))?.session ?? null;
}
