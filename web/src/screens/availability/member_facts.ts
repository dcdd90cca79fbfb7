import { locale } from "../../i18n/language";
import { pageStyle, type TimeStyle, timeText } from "../../time/formats";

/** Return the month of an instant in words, such as "March 2026". */
export function monthText(instant: Date): string {
  return new Intl.DateTimeFormat(locale.value, { month: "long", year: "numeric" }).format(instant);
}

/** Return the time of day in another time zone, or null if the browser does not know the zone. */
export function localTime(now: Date, zone: string, style: TimeStyle = pageStyle()): string | null {
  try {
    return timeText(now, { ...style, zone });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Return a time zone as a place, such as "Buenos Aires" for `America/Argentina/Buenos_Aires`. */
export function placeOf(zone: string): string {
  return (zone.split("/").at(-1) ?? zone).replaceAll("_", " ");
}
