import { expect, test } from "vitest";
import { monthAfter, monthName, monthOf, monthRange } from "./months";

const now = new Date(2026, 10, 29, 12);

test("an address names a month, and any other text is the present one", () => {
  expect(monthOf("2026-02", now)).toBe("2026-02");
  for (const other of [undefined, "", "2026-13", "2026-1", "2027-01", "x"]) expect(monthOf(other, now)).toBe("2026-11");
});

test("months step over the end of a year", () => {
  expect(monthAfter("2026-01", -1)).toBe("2025-12");
  expect(monthAfter("2025-12", 1)).toBe("2026-01");
});

test("a month goes from its first midnight to that of the next month", () => {
  const { start, end } = monthRange("2026-12");
  expect([start.getMonth(), start.getDate(), start.getHours()]).toEqual([11, 1, 0]);
  expect([end.getFullYear(), end.getMonth(), end.getDate()]).toEqual([2027, 0, 1]);
  expect(monthName("2026-12", "en-GB")).toBe("December 2026");
});
