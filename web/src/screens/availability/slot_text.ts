import { dayText, timeRange } from "../../time/formats";
import { minutesOf } from "./slot_days";

/** Return the day and the times of a slot in words. */
export function slotText(slot: { startTime: string; duration: number }): string {
  const start = new Date(slot.startTime);
  return `${dayText(start)}, ${timeRange(start, minutesOf(slot))}`;
}
