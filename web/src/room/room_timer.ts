const SECOND = 1000;

/** The timer of a session, the same in both pages. */
export interface TimeLeft {
  phase: "before" | "running" | "over";
  /** Until the start, then until the end. */
  milliseconds: number;
  /** The part of the session that is over, from 0 to 1. */
  share: number;
}

/** Return the timer of a session at an instant of the service's clock. */
export function timeLeft(start: number, end: number, now: number): TimeLeft {
  if (now < start) return { phase: "before", milliseconds: start - now, share: 0 };
  if (now >= end) return { phase: "over", milliseconds: 0, share: 1 };
  return { phase: "running", milliseconds: end - now, share: (now - start) / (end - start) };
}

/** Return a time in minutes and seconds, such as "24:59", in the digits of the locale. A part of a second counts as one. */
export function clockText(milliseconds: number, locale: string): string {
  const seconds = Math.ceil(milliseconds / SECOND);
  const digits = (count: number, least: number) =>
    new Intl.NumberFormat(locale, { minimumIntegerDigits: least, useGrouping: false }).format(count);
  return `${digits(Math.floor(seconds / 60), 1)}:${digits(seconds % 60, 2)}`;
}
