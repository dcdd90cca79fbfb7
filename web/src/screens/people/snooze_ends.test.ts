import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { firstDate, snoozeEnd } from "./snooze_ends";

// Clocks go back in this zone on 1 November 2026.
beforeEach(() => vi.stubEnv("TZ", "America/New_York"));
afterEach(() => vi.unstubAllEnvs());

const NOON = () => new Date("2026-10-31T12:00:00-04:00");

test("a day and a week end at the same time of day, also over a clock change", () => {
  expect(snoozeEnd("day", "", NOON())).toEqual(new Date("2026-11-01T12:00:00-05:00"));
  expect(snoozeEnd("week", "", NOON())).toEqual(new Date("2026-11-07T12:00:00-05:00"));
});

test("a month ends on the last day of a month that has not this day", () => {
  expect(snoozeEnd("month", "", NOON())).toEqual(new Date("2026-11-30T12:00:00-05:00"));
  expect(snoozeEnd("month", "", new Date("2027-01-31T12:00:00-05:00"))).toEqual(new Date("2027-02-28T12:00:00-05:00"));
  expect(snoozeEnd("month", "", new Date("2026-12-15T12:00:00-05:00"))).toEqual(new Date("2027-01-15T12:00:00-05:00"));
});

test("a date is the beginning of that day here", () => {
  expect(snoozeEnd("date", "2026-11-02", NOON())).toEqual(new Date("2026-11-02T00:00:00-05:00"));
});

test("a missing, half or past date is no end", () => {
  for (const date of ["", "2026-11", "2026-10-31", "2026-10-01"]) expect(snoozeEnd("date", date, NOON())).toBe(null);
});

test("the first date to choose is the next one here", () => {
  expect(firstDate(new Date("2026-12-31T23:30:00-05:00"))).toBe("2027-01-01");
});
