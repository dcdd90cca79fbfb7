import { expect, test } from "vitest";
import { exactOffset } from "./room_clock";

test("a room has the exact clock of its entry, until a clock is set", () => {
  expect(exactOffset(null, 0)).toBe(0);
  expect(exactOffset(40_000, 0)).toBe(40_000);
  expect(exactOffset(40_000, 3_600_000)).toBe(3_600_000);
  expect(exactOffset(3_600_400, 3_600_000)).toBe(3_600_400);
});
