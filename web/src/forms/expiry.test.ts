import { expect, test } from "vitest";
import { expiryInstant } from "./expiry";

const now = new Date("2026-12-01T09:00:00Z");

test("a chosen number of days ends at this time of the day", () => {
  expect(expiryInstant({ choice: "week", at: "" }, now)).toBe("2026-12-08T09:00:00.000Z");
  expect(expiryInstant({ choice: "never", at: "2026-12-08T09:00" }, now)).toBeNull();
});

test("an own time is one of this device, and an unfinished one is no end", () => {
  const own = expiryInstant({ choice: "other", at: "2026-12-08T09:00" }, now);
  expect(own).toBe(new Date(2026, 11, 8, 9).toISOString());
  // An unfinished date must not make a key that never expires.
  expect(expiryInstant({ choice: "other", at: "" }, now)).toBeUndefined();
});
