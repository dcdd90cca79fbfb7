import { expect, test } from "vitest";
import { ConnectionLost, Refusal } from "./refusal";
import { mayRetry, retryDelay } from "./retries";

const busyFor = (seconds: number | null) => new Refusal("busy", 503, "", [], seconds);

test("a request is sent again at most twice, and only after a failure that passes", () => {
  expect([0, 1, 2].map((failures) => mayRetry(failures, busyFor(null)))).toEqual([true, true, false]);
  expect(mayRetry(0, new ConnectionLost())).toBe(true);
  expect(mayRetry(0, new Refusal("not_found", 404, ""))).toBe(false);
  expect(mayRetry(0, new Refusal("rate_limited", 429, "", [], 1))).toBe(false);
});

test("a service that is busy for long is not waited for", () => {
  expect(mayRetry(0, busyFor(10))).toBe(true);
  expect(mayRetry(0, busyFor(11))).toBe(false);
});

test("a retry waits at least for the time that the service asks for, then for a random time that doubles", () => {
  expect(retryDelay(0, busyFor(3), () => 0)).toBe(3250);
  expect(retryDelay(1, busyFor(3), () => 1)).toBe(4000);
  expect(retryDelay(0, new ConnectionLost(), () => 1)).toBe(500);
  expect(retryDelay(2, new ConnectionLost(), () => 0)).toBe(1000);
});
