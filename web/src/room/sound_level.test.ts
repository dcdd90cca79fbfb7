import { expect, test } from "vitest";
import { levelOf } from "./sound_level";

test("the level of a sound follows the ear, from silence to the loudest", () => {
  expect(levelOf([])).toBe(0);
  expect(levelOf([0, 0])).toBe(0);
  expect(levelOf([1, -1, 1])).toBe(1);
  expect(levelOf([0.1, -0.1])).toBeCloseTo(2 / 3);
  expect(levelOf([0.0001])).toBe(0);
});
