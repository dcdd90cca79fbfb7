/** The ends that can be chosen: none, a number of days ahead, or a time of the member's own. */
export type ExpiryChoice = "never" | "day" | "week" | "month" | "year" | "other";

/** A chosen end. `at` is a local date and time, such as `2026-12-01T09:00`, for the choice `other`. */
export interface Expiry {
  choice: ExpiryChoice;
  at: string;
}

export const NO_EXPIRY: Expiry = { choice: "never", at: "" };

const DAYS = { day: 1, week: 7, month: 30, year: 365 } as const;
const DAY_MILLISECONDS = 86_400_000;

/** Return the instant of a chosen end, null for none, or undefined for a date that is no date. */
export function expiryInstant({ choice, at }: Expiry, now: Date): string | null | undefined {
  if (choice === "never") return null;
  const end = choice === "other" ? new Date(at) : new Date(now.getTime() + DAYS[choice] * DAY_MILLISECONDS);
  return Number.isNaN(end.getTime()) ? undefined : end.toISOString();
}
