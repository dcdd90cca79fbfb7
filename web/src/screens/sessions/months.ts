/** A month of the calendar as the address names it, such as `2026-11`. */
export type Month = string;

/** Return the month that an address names, or the present one. No month is later than the present one. */
export function monthOf(named: string | undefined, now: Date): Month {
  const present = monthText(now.getFullYear(), now.getMonth());
  const isMonth = /^[12]\d{3}-(0[1-9]|1[0-2])$/.test(named ?? "");
  return isMonth && named && named < present ? named : present;
}

/** Return the month that is `step` months after another. */
export function monthAfter(month: Month, step: number): Month {
  const [year = 0, number = 1] = month.split("-").map(Number);
  const shifted = year * 12 + number - 1 + step;
  return monthText(Math.floor(shifted / 12), shifted % 12);
}

/** Return the first instant of a month, and that of the next one, in the time zone of the browser. */
export function monthRange(month: Month): { start: Date; end: Date } {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return { start: new Date(year, number - 1, 1), end: new Date(year, number, 1) };
}

/** Return the name of a month in words, such as "November 2026". */
export function monthName(month: Month, locale: string): string {
  return new Intl.DateTimeFormat(locale, { month: "long", year: "numeric" }).format(monthRange(month).start);
}

function monthText(year: number, index: number): Month {
  return `${year}-${String(index + 1).padStart(2, "0")}`;
}
