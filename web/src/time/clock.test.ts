import { afterEach, expect, test } from "vitest";
import { clockAhead, clockOffset, readClock } from "./clock";
import { present } from "./present";

const DEVICE = Date.parse("2026-12-01T12:00:00Z");
const HOUR = 3_600_000;
const header = (instant: number) => new Date(instant).toUTCString();

afterEach(() => {
  clockOffset.value = 0;
});

test("a device that is three hours ahead shows the present of the service", () => {
  const before = present.value.getTime();
  readClock(header(DEVICE - 3 * HOUR), DEVICE);
  expect(clockOffset.value).toBe(-3 * HOUR);
  expect(before - present.value.getTime()).toBe(3 * HOUR);
});

test("a clock that is about right, a slow response and a response without a date change nothing", () => {
  readClock(header(DEVICE - 30_000), DEVICE);
  readClock(null, DEVICE);
  expect(clockOffset.value).toBe(0);
  readClock(header(DEVICE - HOUR), DEVICE);
  readClock(header(DEVICE - HOUR - 20_000), DEVICE);
  expect(clockOffset.value).toBe(-HOUR);
});

test("a clock that is set right is believed again", () => {
  readClock(header(DEVICE + HOUR), DEVICE);
  readClock(header(DEVICE - 5_000), DEVICE);
  expect(clockOffset.value).toBe(0);
});

test("the clock of the service is read from a response, in the middle of its second and of the request", () => {
  const date = "Sun, 29 Nov 2026 17:00:00 GMT";
  const service = Date.parse(date);
  expect(clockAhead(date, service + 400, service + 600)).toBe(0);
  expect(clockAhead(date, service - 60_000, service - 59_000)).toBe(60_000);
  expect(clockAhead(null, 0, 0)).toBe(null);
  expect(clockAhead("", 0, 0)).toBe(null);
});
