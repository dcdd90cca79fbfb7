import { expect, test } from "vitest";
import { daysFrom, wallRows } from "../../time/week";
import { moved, placeOf } from "./grid_keys";

const WEEK = wallRows(daysFrom("2027-04-28", 7, "Africa/Cairo"));
// Cairo skips the first hour of the third day.
const SKIPPED = 2;

test("arrows move by a quarter hour and by a day, and stop at the edges", () => {
  const from = { line: 40, day: 1 };
  const to = (key: string) => moved(WEEK, from, key, false);
  expect(to("ArrowDown")).toEqual({ line: 41, day: 1 });
  expect(to("ArrowUp")).toEqual({ line: 39, day: 1 });
  expect(to("ArrowRight")).toEqual({ line: 40, day: 2 });
  expect(to("ArrowLeft")).toEqual({ line: 40, day: 0 });
  expect(to("Home")).toEqual({ line: 40, day: 0 });
  expect(to("End")).toEqual({ line: 40, day: 6 });
  expect(to("PageDown")).toEqual({ line: 44, day: 1 });
  expect(to("a")).toBe(null);
  expect(moved(WEEK, { line: 0, day: 0 }, "ArrowUp", false)).toBe(null);
  expect(moved(WEEK, { line: 95, day: 6 }, "ArrowRight", false)).toBe(null);
  expect(moved(WEEK, { line: 94, day: 6 }, "PageDown", false)).toEqual({ line: 95, day: 6 });
});

test("left is forward where the page runs from right to left", () => {
  expect(moved(WEEK, { line: 40, day: 1 }, "ArrowLeft", true)).toEqual({ line: 40, day: 2 });
});

test("a skipped hour is passed over", () => {
  expect(moved(WEEK, { line: 0, day: SKIPPED - 1 }, "ArrowRight", false)).toEqual({ line: 0, day: SKIPPED + 1 });
  expect(moved(WEEK, { line: 4, day: SKIPPED }, "ArrowUp", false)).toBe(null);
});

test("an instant has its place in the grid, or none", () => {
  expect(placeOf(WEEK, Date.parse("2027-04-29T22:00:00Z"))).toEqual({ line: 4, day: SKIPPED });
  expect(placeOf(WEEK, 0)).toBe(null);
});
