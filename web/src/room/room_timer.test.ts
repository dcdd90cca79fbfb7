import { expect, test } from "vitest";
import { clockText, timeLeft } from "./room_timer";

const [START, END] = [1_000_000, 1_000_000 + 1_500_000];

test("the timer counts to the start, then to the end, and stops there", () => {
  expect(timeLeft(START, END, START - 60_000)).toEqual({ phase: "before", milliseconds: 60_000, share: 0 });
  expect(timeLeft(START, END, START)).toEqual({ phase: "running", milliseconds: 1_500_000, share: 0 });
  expect(timeLeft(START, END, START + 375_000)).toEqual({ phase: "running", milliseconds: 1_125_000, share: 0.25 });
  expect(timeLeft(START, END, END - 1)).toMatchObject({ phase: "running", milliseconds: 1 });
  expect(timeLeft(START, END, END)).toEqual({ phase: "over", milliseconds: 0, share: 1 });
  expect(timeLeft(START, END, END + 60_000)).toEqual({ phase: "over", milliseconds: 0, share: 1 });
});

test("a clock shows whole seconds, and zero only at the end", () => {
  expect([0, 1, 1000, 59_001, 60_000, 1_499_500, 4_500_000].map((each) => clockText(each, "en"))).toEqual([
    "0:00",
    "0:01",
    "0:01",
    "1:00",
    "1:00",
    "25:00",
    "75:00",
  ]);
  expect(clockText(754_000, "ar-EG")).toBe("١٢:٣٤");
});
