import type { CalendarSlot } from "../../api/calendar";
import { type LocalDay, QUARTER, type Quarter } from "../../time/week";

/** The lengths of sessions in minutes. */
export const LENGTHS = [25, 50, 75] as const;

export type Minutes = (typeof LENGTHS)[number];

/** The minute of the day at which work begins. The day begins in the middle of the night. */
export const MORNING = 8 * 60;

// A booking starts at most 13 weeks ahead (R30).
const HORIZON = 13 * 7 * 96 * QUARTER;

/** The reason why a quarter hour can or cannot be the start of a booking (R30). It is unknown before the slots are read. */
export type Bookable = "bookable" | "past" | "too_far" | "unknown";

/** Return whether a booking may start at an instant. It must be ahead, by at most 13 weeks. */
export function bookable(at: number, now: number): Bookable {
  if (at <= now) return "past";
  return at <= now + HORIZON ? "bookable" : "too_far";
}

/** Return the first quarter hour ahead. */
export function nextQuarter(now: number): number {
  return (Math.floor(now / QUARTER) + 1) * QUARTER;
}

/** Return the last instant at which a booking may start. */
export function lastStart(now: number): number {
  return Math.floor((now + HORIZON) / QUARTER) * QUARTER;
}

/** Return the quarter hours of a day at which a booking may start. */
export function bookableQuarters(quarters: readonly Quarter[], now: number): Quarter[] {
  return quarters.filter(({ at }) => bookable(at, now) === "bookable");
}

/** Return the next start ahead at which a booking of a length overlaps no own session. */
export function nextFree(now: number, minutes: Minutes, taken: readonly { start: number; end: number }[]): number {
  let at = nextQuarter(now);
  const wanted = () => footprint(new Date(at).toISOString(), minutes * 60_000);
  while (taken.some((range) => overlaps(wanted(), range))) at += QUARTER;
  return at;
}

/** Return the start that the Book button proposes: the next free one, or that of the morning of a shown day to come. */
export function proposedStart(
  days: readonly LocalDay[],
  now: number,
  minutes: Minutes,
  taken: readonly { start: number; end: number }[],
): number {
  const quarters = days[0]?.quarters ?? [];
  const isToCome = (quarters[0]?.at ?? 0) > now;
  const morning = isToCome ? quarters.find(({ minute }) => minute >= MORNING)?.at : undefined;
  const found = nextFree(morning ? morning - QUARTER : now, minutes, taken);
  return bookable(found, now) === "bookable" ? found : nextFree(now, minutes, taken);
}

/** Return the instants that a slot blocks in its owner's day: 30, 60 or 90 minutes. */
export function footprint(startTime: string, duration: number): { start: number; end: number } {
  const start = Date.parse(startTime);
  return { start, end: start + Math.ceil(duration / QUARTER / 2) * 2 * QUARTER };
}

/** Return the ranges that the own sessions among the slots block. */
export function takenBy(slots: readonly CalendarSlot[]): { start: number; end: number }[] {
  return slots.flatMap(({ session }) => (session ? footprint(session.startTime, session.duration) : []));
}

/** Return true for two ranges with a common instant. The end of a range is no part of it. */
export function overlaps(one: { start: number; end: number }, other: { start: number; end: number }): boolean {
  return one.start < other.end && other.start < one.end;
}
