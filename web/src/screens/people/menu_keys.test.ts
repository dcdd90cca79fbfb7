import { expect, test } from "vitest";
import { indexAfter } from "./menu_keys";

// The opener has the index 0, and three entries follow.
test("the arrows go round the entries, and from the opener into them", () => {
  expect([0, 1, 2, 3].map((index) => indexAfter("ArrowDown", index, 4))).toEqual([1, 2, 3, 1]);
  expect([0, 1, 2, 3].map((index) => indexAfter("ArrowUp", index, 4))).toEqual([3, 3, 1, 2]);
});

test("Home and End go to the first and last entry, and other keys to none", () => {
  expect([indexAfter("Home", 2, 4), indexAfter("End", 2, 4), indexAfter("Enter", 2, 4)]).toEqual([1, 3, null]);
});
