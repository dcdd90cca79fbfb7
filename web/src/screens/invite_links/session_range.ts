import { instantText } from "../../time/formats";

// The service takes bookings for 13 weeks ahead.
const DAYS = 13 * 7 + 1;

/** Return the range from today's midnight to the last day for which a session can be booked. */
export function sessionRange(now: Date): [start: string, end: string] {
  const at = (days: number) => instantText(new Date(now.getFullYear(), now.getMonth(), now.getDate() + days));
  return [at(0), at(DAYS)];
}
