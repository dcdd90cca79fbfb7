import { expect, test } from "vitest";
import { ConnectionLost, Refusal } from "./refusal";
import { mayRetry } from "./retries";

test("a read is sent again at most twice, and only after a failure that passes", () => {
  const busy = new Refusal("busy", 503, "");
  expect([0, 1, 2].map((failures) => mayRetry(failures, busy))).toEqual([true, true, false]);
  expect(mayRetry(0, new ConnectionLost())).toBe(true);
  expect(mayRetry(0, new Refusal("not_found", 404, ""))).toBe(false);
});
