import { computed } from "@preact/signals";
import { locale } from "../i18n/language";

/** How times are written: the language, the time zone, and the 12- or 24-hour clock. */
export interface TimeStyle {
  locale: string;
  zone: string;
  hourCycle: Intl.LocaleHourCycleKey;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Return the style of the page: its language, with the time zone and the clock of the browser. */
export function pageStyle(): TimeStyle {
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return { locale: locale.value, zone, hourCycle: pageCycle.value };
}

const pageCycle = computed(() => hourCycleOf(locale.value));

/** Return the 12- or 24-hour clock of the device, or that of the page's locale if the device has another language. */
export function hourCycleOf(page: string, device?: string): Intl.LocaleHourCycleKey {
  const clockOf = (tag?: string) => new Intl.DateTimeFormat(tag, { hour: "numeric" }).resolvedOptions();
  const languageOf = (tag: string) => tag.split("-")[0];
  const own = clockOf(device);
  const { hourCycle } = languageOf(own.locale) === languageOf(page) ? own : clockOf(page);
  return (hourCycle ?? "h23") as Intl.LocaleHourCycleKey;
}

/** Return the end of a slot. */
export function endOf(start: Date, minutes: number): Date {
  return new Date(start.getTime() + minutes * MINUTE);
}

/** Return an instant as the API writes it, in UTC without fractions of a second. */
export function instantText(instant: Date): string {
  return instant.toISOString().replace(/\.\d+Z$/, "Z");
}

/** Return the date of an instant in the zone, such as `2026-11-30`. Equal dates have equal texts. */
export function dayKey(instant: Date, style: TimeStyle = pageStyle()): string {
  const parts = partsOf(formatOf(style, "en-u-ca-iso8601-nu-latn", DATE), instant);
  return `${parts.year}-${parts.month}-${parts.day}`;
}

/** Return the day of an instant in words. It has the year unless that is the present one. */
export function dayText(instant: Date, style: TimeStyle = pageStyle(), now = new Date()): string {
  const isPresentYear = dayKey(instant, style).slice(0, 4) === dayKey(now, style).slice(0, 4);
  return formatOf(style, style.locale, isPresentYear ? DAY : DAY_AND_YEAR).format(instant);
}

/** Return the time of day. On the day of a clock change it has its offset. */
export function timeText(instant: Date, style: TimeStyle = pageStyle()): string {
  return joined(clockOf(instant, style, changesOn(instant, style)));
}

/** Return the times of a slot. They have offsets on the day of a clock change, and where start and end differ in offset. */
export function timeRange(start: Date, minutes: number, style: TimeStyle = pageStyle()): string {
  const end = endOf(start, minutes);
  const isAmbiguous = changesOn(start, style) || offsetOf(start, style) !== offsetOf(end, style);
  const [from, to] = [clockOf(start, style, isAmbiguous), clockOf(end, style, isAmbiguous)];
  // A common offset or half of the day appears once: "9:00–9:50 am", "11:30 am–12:20 pm".
  if (from.offset === to.offset) {
    from.offset = "";
    if (from.half === to.half) from.half = "";
  }
  return `${joined(from)}–${joined(to)}`;
}

/** Return true for an instant on the day of a clock change, also where the change is at its midnight. */
export function changesOn(instant: Date, style: TimeStyle = pageStyle()): boolean {
  const day = dayKey(instant, style);
  const key = `${style.zone} ${day}`;
  const known = CHANGES.get(key);
  if (known !== undefined) return known;
  const near = Array.from({ length: 51 }, (_, hours) => new Date(instant.getTime() + (hours - 25) * HOUR));
  const first = near.findIndex((other) => dayKey(other, style) === day);
  // The hour before the day is among them, since a clock may skip the first hour.
  const ofDay = near.filter((other, hour) => hour === first - 1 || dayKey(other, style) === day);
  const offsets = new Set(ofDay.map((other) => offsetOf(other, style)));
  CHANGES.set(key, offsets.size > 1);
  return offsets.size > 1;
}

/** Return the name of the time zone without its season, such as "Eastern Time". */
export function zoneName(style: TimeStyle = pageStyle(), now = new Date()): string {
  const generic = zonePart(style, "longGeneric", now);
  // A zone without such a name has an offset in its place.
  return /\p{Nd}/u.test(generic) ? zonePart(style, "long", now) : generic;
}

interface Clock {
  time: string;
  half: string;
  offset: string;
}

function clockOf(instant: Date, style: TimeStyle, withOffset: boolean): Clock {
  const parts = formatOf(style, style.locale, clockOptions(style)).formatToParts(instant);
  const isHalf = (part: Intl.DateTimeFormatPart | undefined) => part?.type === "dayPeriod";
  // Only a half of the day that ends the text can be left out at the start of a range.
  const half = isHalf(parts.at(-1)) ? (parts.at(-1)?.value ?? "") : "";
  const kept = half ? parts.slice(0, -1) : parts;
  const time = kept.map(({ value }) => value).join("");
  return { time: time.trim(), half, offset: withOffset ? offsetOf(instant, style) : "" };
}

function joined({ time, half, offset }: Clock): string {
  return [time, half, offset].filter(Boolean).join(" ");
}

function offsetOf(instant: Date, style: TimeStyle): string {
  return zonePart(style, "shortOffset", instant);
}

function zonePart(style: TimeStyle, timeZoneName: Intl.DateTimeFormatOptions["timeZoneName"], instant: Date): string {
  return partsOf(formatOf(style, style.locale, { timeZoneName }), instant).timeZoneName ?? "";
}

function clockOptions({ hourCycle }: TimeStyle): Intl.DateTimeFormatOptions {
  const is12Hours = hourCycle === "h11" || hourCycle === "h12";
  return { hour: is12Hours ? "numeric" : "2-digit", minute: "2-digit", hourCycle };
}

const DATE: Intl.DateTimeFormatOptions = { year: "numeric", month: "2-digit", day: "2-digit" };
const DAY: Intl.DateTimeFormatOptions = { weekday: "long", day: "numeric", month: "long" };
const DAY_AND_YEAR: Intl.DateTimeFormatOptions = { ...DAY, year: "numeric" };

// A formatter is slow to make, and a page has few different ones.
const FORMATS = new Map<string, Intl.DateTimeFormat>();
const CHANGES = new Map<string, boolean>();

function formatOf(style: TimeStyle, locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify([locale, style.zone, options]);
  const format = FORMATS.get(key) ?? new Intl.DateTimeFormat(locale, { ...options, timeZone: style.zone });
  FORMATS.set(key, format);
  return format;
}

function partsOf(format: Intl.DateTimeFormat, instant: Date): Partial<Record<string, string>> {
  return Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, value]));
}
