import { dayKey } from "../../time/formats";

/** The slots that start on one day of the device's time zone. */
export interface SlotDay<S> {
  key: string;
  start: Date;
  slots: S[];
}

/** Return slots by the day of their start. The slots come by start, and so do the days. */
export function slotDays<S extends { startTime: string }>(
  slots: readonly S[],
  keyOf: (instant: Date) => string = dayKey,
): SlotDay<S>[] {
  const days: SlotDay<S>[] = [];
  for (const slot of slots) {
    const start = new Date(slot.startTime);
    const key = keyOf(start);
    const last = days.at(-1);
    if (last?.key === key) last.slots.push(slot);
    else days.push({ key, start, slots: [slot] });
  }
  return days;
}

/** Return the key of a slot, equal for slots of the same start and length. */
export function slotKey({ startTime, duration }: { startTime: string; duration: number }): string {
  return `${startTime}/${duration}`;
}

/** Return the length of a slot in minutes. */
export function minutesOf({ duration }: { duration: number }): number {
  return duration / 60_000;
}
