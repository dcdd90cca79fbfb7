import { dayText, type TimeStyle, timeText } from "../../time/formats";
import { dateOf, type LocalDay } from "../../time/week";

/** The words for the days and the quarter hours of the grid, which do not depend on its slots. */
export interface Labels {
  /** The days in words, in order. */
  days: readonly string[];
  /** True for the days of a clock change, whose times have offsets. */
  changes: readonly boolean[];
  /** The time of each quarter hour by its instant. */
  times: ReadonlyMap<number, string>;
}

const USUAL_QUARTERS = 96;

/** Return the words for days. Equal times of usual days are written once, since a format is slow. */
export function labelsOf(days: readonly LocalDay[], style: TimeStyle): Labels {
  const times = new Map<number, string>();
  const changes = days.map(({ quarters }) => quarters.length !== USUAL_QUARTERS);
  const usual = new Map<number, string>();
  for (const [index, { quarters }] of days.entries()) {
    for (const { at, minute } of quarters) {
      const text = changes[index] ? timeText(new Date(at), style) : (usual.get(minute) ?? timeOf(minute, style));
      if (!changes[index]) usual.set(minute, text);
      times.set(at, text);
    }
  }
  return { days: days.map(({ date }) => dateText(date, style)), changes, times };
}

/** Return a wall-clock time in words. */
export function timeOf(minute: number, style: TimeStyle): string {
  return timeText(new Date(minute * 60_000), { ...style, zone: "UTC" });
}

/** Return a date in words. A date in UTC is the same in every zone. */
export function dateText(date: string, style: TimeStyle, now = Date.now()): string {
  const today = dateOf(now, style.zone);
  return dayText(noonOf(date), { ...style, zone: "UTC" }, noonOf(today));
}

function noonOf(date: string): Date {
  return new Date(`${date}T12:00Z`);
}
