/** A quarter hour of the UTC grid as a day of the zone shows it. */
export interface Quarter {
  /** The instant in milliseconds. */
  at: number;
  /** The wall-clock time in minutes after midnight. */
  minute: number;
  /** True for the later of two quarter hours with one wall-clock time, after a clock was put back. */
  isRepeated: boolean;
}

/** A day of the zone with its quarter hours in order: 96 of them, or others on the day of a clock change. */
export interface LocalDay {
  /** The date, such as `2026-12-01`. */
  date: string;
  quarters: readonly Quarter[];
}

/** One line of several days: the quarter hours with the same wall-clock time, and null for a day without it. */
export interface WallRow {
  minute: number;
  isRepeated: boolean;
  quarters: readonly (Quarter | null)[];
}

export const QUARTER = 15 * 60_000;
const DAY = 96 * QUARTER;
// No zone differs from UTC by more than 14 hours.
const WIDEST_OFFSET = 14 * 60 * 60_000;

/** Return a date some days later, or earlier for a negative number. */
export function daysLater(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00Z`) + days * DAY).toISOString().slice(0, 10);
}

/** Return true for a text that is a date from 2000 to 2999, such as `2026-12-01`. The days around it are dates too. */
export function isDate(text: string | undefined): text is string {
  return /^2\d{3}-\d\d-\d\d$/.test(text ?? "") && !Number.isNaN(Date.parse(`${text}T00:00Z`));
}

/** Return consecutive days of a zone. A date that the zone left out has no quarter hours. */
export function daysFrom(first: string, count: number, zone: string): LocalDay[] {
  const dates = Array.from({ length: count }, (_, index) => daysLater(first, index));
  const quarters = new Map<string, Quarter[]>(dates.map((date) => [date, []]));
  const begin = Date.parse(`${first}T00:00Z`);
  for (const { at, date, minute } of wallTimes(begin - WIDEST_OFFSET, begin + count * DAY + WIDEST_OFFSET, zone)) {
    const day = quarters.get(date);
    day?.push({ at, minute, isRepeated: day.some((earlier) => earlier.minute === minute) });
  }
  return dates.map((date) => ({ date, quarters: quarters.get(date) ?? [] }));
}

/** Return the date of an instant in a zone. */
export function dateOf(at: number, zone: string): string {
  return wallTimeOf(at, offsetOf(at, zone)).date;
}

/** Return the range of instants from the start of the first day to the end of the last one. */
export function rangeOf(days: readonly LocalDay[]): { start: number; end: number } {
  const all = days.flatMap(({ quarters }) => quarters);
  const first = all[0]?.at ?? 0;
  return { start: first, end: (all.at(-1)?.at ?? first) + QUARTER };
}

/** Return the lines of several days, in an order that is right for each of them. */
export function wallRows(days: readonly LocalDay[]): WallRow[] {
  const byKey = days.map(({ quarters }) => new Map(quarters.map((quarter) => [keyOf(quarter), quarter])));
  return rowOrder(days).map((key) => ({
    minute: Math.floor(key / 2),
    isRepeated: key % 2 === 1,
    quarters: byKey.map((day) => day.get(key) ?? null),
  }));
}

/** Return one number for a wall-clock time and its repetition. */
function keyOf({ minute, isRepeated }: Quarter): number {
  return minute * 2 + (isRepeated ? 1 : 0);
}

/** Insert the wall-clock times of each day after the one that they follow there. The longest day gives the first order. */
function rowOrder(days: readonly LocalDay[]): number[] {
  const [longest, ...others] = [...days].sort((one, other) => other.quarters.length - one.quarters.length);
  const order = (longest?.quarters ?? []).map(keyOf);
  for (const { quarters } of others) {
    let place = -1;
    for (const key of quarters.map(keyOf)) {
      const found = order.indexOf(key, place + 1);
      if (found >= 0) place = found;
      else order.splice(++place, 0, key);
    }
  }
  return order;
}

interface WallTime {
  at: number;
  date: string;
  minute: number;
}

// A zone changes its offset at most once within this time.
const STRETCH = 24 * QUARTER;

/** Yield the wall-clock time of each quarter hour. Stretches with one offset ask the zone twice only, which is slow. */
function* wallTimes(begin: number, end: number, zone: string): Generator<WallTime> {
  for (let from = begin; from < end; from += STRETCH) {
    const to = from + STRETCH;
    const offset = offsetOf(from, zone);
    const isSteady = offset === offsetOf(to, zone);
    for (let at = from; at < to; at += QUARTER) yield wallTimeOf(at, isSteady ? offset : offsetOf(at, zone));
  }
}

function wallTimeOf(at: number, offset: number): WallTime {
  const wall = new Date(at + offset);
  return { at, date: wall.toISOString().slice(0, 10), minute: wall.getUTCHours() * 60 + wall.getUTCMinutes() };
}

/** Return the milliseconds by which the clock of a zone is ahead of UTC. */
function offsetOf(at: number, zone: string): number {
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const wall = Date.parse(`${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}Z`);
  return wall - Math.floor(at / 60_000) * 60_000;
}

const FORMATS = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const format = FORMATS.get(zone) ?? new Intl.DateTimeFormat("en-u-ca-iso8601-nu-latn", { ...PARTS, timeZone: zone });
  FORMATS.set(zone, format);
  return format;
}

const PARTS: Intl.DateTimeFormatOptions = {
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
};
