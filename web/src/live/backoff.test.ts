import { expect, test } from "vitest";
import { reconnectDelay } from "./backoff";

test("the pause doubles after each failure up to a minute, and half of it is random", () => {
  expect([0, 1, 2, 6, 50].map((failures) => reconnectDelay(failures, () => 1))).toEqual([
    1000, 2000, 4000, 60_000, 60_000,
  ]);
  expect([0, 6].map((failures) => reconnectDelay(failures, () => 0))).toEqual([500, 30_000]);
});
