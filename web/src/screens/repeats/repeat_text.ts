import type { Repeat, Weekday } from "../../api/repeats";
import { texts } from "../../i18n/language";
import { pageStyle, type TimeStyle, timeRange, timeText } from "../../time/formats";
import { isSameZone, zoneText } from "../settings/time_zones";

type Pattern = Pick<Repeat, "weekdays" | "time" | "timeZone" | "duration">;

/** The days of the week from Monday on, as the API names them. */
export const WEEKDAYS: readonly Weekday[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

// The first day of this year is a Monday.
const MONDAY = Date.UTC(2024, 0, 1);
const DAY_MILLISECONDS = 86_400_000;

/** Return the weekly pattern of a repeat in words, with its time zone unless it is that of the page. */
export function patternText(pattern: Pattern, style: TimeStyle = pageStyle()): string {
  const { repeats } = texts.value;
  const words = repeats.pattern(daysText(pattern.weekdays, style.locale), localRange(pattern, style));
  return isSameZone(pattern.timeZone, style.zone) ? words : repeats.inZone(words, zoneText(pattern.timeZone));
}

/** Return the first and the last day of a repeat in words. */
export function datesText({ from, until }: Pick<Repeat, "from" | "until">, { locale }: TimeStyle): string {
  const { repeats } = texts.value;
  const day = (date: string) =>
    new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" }).format(Date.parse(`${date}T00:00Z`));
  return until === null ? repeats.since(day(from)) : repeats.between(day(from), day(until));
}

/** Return the name of a day of the week. */
export function weekdayName(weekday: Weekday, locale: string): string {
  const day = MONDAY + WEEKDAYS.indexOf(weekday) * DAY_MILLISECONDS;
  return new Intl.DateTimeFormat(locale, { weekday: "long", timeZone: "UTC" }).format(day);
}

/** Return the day of the week of a date, such as `2026-12-01`. */
export function weekdayOf(date: string): Weekday {
  const days = Math.round((Date.parse(`${date}T00:00Z`) - MONDAY) / DAY_MILLISECONDS);
  return WEEKDAYS[((days % 7) + 7) % 7] as Weekday;
}

/** Return the words for the reason that a time was skipped, by its code. */
export function reasonText(reason: string): string {
  const reasons: Readonly<Record<string, string>> = texts.value.repeats.reasons;
  return reasons[reason] ?? texts.value.repeats.otherReason;
}

/** Return a time of day, such as `09:00`, by the clock of the page. */
export function clockText(time: string, style: TimeStyle = pageStyle()): string {
  return timeText(onMonday(time), { ...style, zone: "UTC" });
}

function daysText(weekdays: readonly Weekday[], locale: string): string {
  const { repeats } = texts.value;
  if (weekdays.length === WEEKDAYS.length) return repeats.everyDay;
  const names = weekdays.map((weekday) => weekdayName(weekday, locale));
  return repeats.every(new Intl.ListFormat(locale, { type: "conjunction" }).format(names));
}

/** Return the local times of a session. A day of UTC has no clock change. */
function localRange({ time, duration }: Pattern, style: TimeStyle): string {
  return timeRange(onMonday(time), duration / 60_000, { ...style, zone: "UTC" });
}

function onMonday(time: string): Date {
  return new Date(`2024-01-01T${time}Z`);
}
