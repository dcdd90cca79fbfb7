/** The lengths of a snooze, in the order of the dialog. */
export const SNOOZE_LENGTHS = ["day", "week", "month", "date"] as const;

export type SnoozeLength = (typeof SNOOZE_LENGTHS)[number];

/** Return the end of a snooze by the calendar of the device, or null without a date after today. */
export function snoozeEnd(length: SnoozeLength, date: string, now: Date): Date | null {
  if (length === "day") return daysAfter(now, 1);
  if (length === "week") return daysAfter(now, 7);
  if (length === "month") return monthAfter(now);
  const [year, month, day] = date.split("-").map(Number);
  if (!year || !month || !day) return null;
  const start = new Date(year, month - 1, day);
  return start > now ? start : null;
}

/** Return the first date that can be chosen, such as `2026-11-30`. */
export function firstDate(now: Date): string {
  const next = daysAfter(now, 1);
  const digits = (number: number) => String(number).padStart(2, "0");
  return `${next.getFullYear()}-${digits(next.getMonth() + 1)}-${digits(next.getDate())}`;
}

function daysAfter(now: Date, days: number): Date {
  const end = new Date(now);
  end.setDate(end.getDate() + days);
  return end;
}

function monthAfter(now: Date): Date {
  const end = new Date(now);
  end.setMonth(end.getMonth() + 1);
  // A month without this day, such as February without a 31st, ends on its last day.
  if (end.getDate() !== now.getDate()) end.setDate(0);
  return end;
}
