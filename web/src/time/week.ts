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

/** Return true for a text that is a date, such as `2026-12-01`. */
export function isDate(text: string | undefined): text is string {
  return /^\d{4}-\d\d-\d\d$/.test(text ?? "") && !Number.isNaN(Date.parse(`${text}T00:00Z`));
}

/** Return consecutive days of a zone. A date that the zone left out has no quarter hours. */
export function daysFrom(first: string, count: number, zone: string): LocalDay[] {
  const dates = Array.from({ length: count }, (_, index) => daysLater(first, index));
  const quarters = new Map<string, Quarter[]>(dates.map((date) => [date, []]));
  const begin = Date.parse(`${first}T00:00Z`);
  const wallClock = wallClockOf(zone);
  for (let at = begin - WIDEST_OFFSET; at < begin + count * DAY + WIDEST_OFFSET; at += QUARTER) {
    const { date, minute } = wallClock(at);
    const day = quarters.get(date);
    day?.push({ at, minute, isRepeated: day.some((earlier) => earlier.minute === minute) });
  }
  return dates.map((date) => ({ date, quarters: quarters.get(date) ?? [] }));
}

/** Return the date of an instant in a zone. */
export function dateOf(at: number, zone: string): string {
  return wallClockOf(zone)(at).date;
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
  return rowOrder(days).map(({ minute, isRepeated }) => {
    const key = keyOf({ minute, isRepeated });
    return { minute, isRepeated, quarters: byKey.map((day) => day.get(key) ?? null) };
  });
}

type WallTime = Pick<Quarter, "minute" | "isRepeated">;

function keyOf({ minute, isRepeated }: WallTime): string {
  return `${minute} ${isRepeated}`;
}

/** Insert the wall-clock times of each day after the one that they follow there. The longest day gives the first order. */
function rowOrder(days: readonly LocalDay[]): WallTime[] {
  const [longest, ...others] = [...days].sort((one, other) => other.quarters.length - one.quarters.length);
  const order: WallTime[] = [...(longest?.quarters ?? [])];
  for (const { quarters } of others) {
    let place = -1;
    for (const quarter of quarters) {
      const found = order.findIndex((row) => keyOf(row) === keyOf(quarter));
      if (found >= 0) place = found;
      else order.splice(++place, 0, quarter);
    }
  }
  return order;
}

const FORMATS = new Map<string, Intl.DateTimeFormat>();

function wallClockOf(zone: string): (at: number) => { date: string; minute: number } {
  const format = FORMATS.get(zone) ?? new Intl.DateTimeFormat("en-u-ca-iso8601-nu-latn", { ...PARTS, timeZone: zone });
  FORMATS.set(zone, format);
  return (at) => {
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
    const date = `${parts.year}-${parts.month}-${parts.day}`;
    return { date, minute: Number(parts.hour) * 60 + Number(parts.minute) };
  };
}

const PARTS: Intl.DateTimeFormatOptions = {
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
};
