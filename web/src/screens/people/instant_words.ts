import { dayText, timeText } from "../../time/formats";

/** Return the day and the time of an instant in words. */
export function instantWords(instant: Date): string {
  return `${dayText(instant)}, ${timeText(instant)}`;
}
