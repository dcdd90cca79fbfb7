import { locale } from "../../i18n/language";
import { dayText, timeText } from "../../time/formats";

/** Return a UTC date of the API, such as `2026-12-01`, in words. It is the same day in every time zone. */
export function dateText(date: string): string {
  return new Intl.DateTimeFormat(locale.value, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(date));
}

/** Return the day and the time of an instant, by the clock of the device. */
export function instantDay(instant: string): string {
  const at = new Date(instant);
  return `${dayText(at)}, ${timeText(at)}`;
}
