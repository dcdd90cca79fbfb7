import { signal } from "@preact/signals";

// The header of a response has whole seconds, and the response takes time.
const LEAST_MILLISECONDS = 60_000;
const HALF_SECOND = 500;

/** The milliseconds by which the service is ahead of the clock of the device, 0 for a clock that is about right. */
export const clockOffset = signal(0);

/** Compare the clock of the device with the `Date` of a response. */
export function readClock(date: string | null, device = Date.now()): void {
  const found = Date.parse(date ?? "") - device;
  if (Number.isNaN(found) || Math.abs(found - clockOffset.peek()) < LEAST_MILLISECONDS) return;
  clockOffset.value = Math.abs(found) < LEAST_MILLISECONDS ? 0 : found;
}

/** Return by how many milliseconds the service is ahead, from the `Date` of a response with whole seconds, or null. */
export function clockAhead(date: string | null, sent: number, received: number): number | null {
  const stated = Date.parse(date ?? "");
  return Number.isNaN(stated) ? null : stated + HALF_SECOND - (sent + received) / 2;
}
