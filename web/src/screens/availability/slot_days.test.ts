import { expect, test } from "vitest";
import { dayKey } from "../../time/formats";
import { minutesOf, slotDays, slotKey } from "./slot_days";

const KOLKATA = { locale: "en", zone: "Asia/Kolkata", hourCycle: "h23" } as const;

function slot(startTime: string, duration = 3_000_000) {
  return { startTime, duration };
}

test("slots are grouped by the day of the zone, not by the UTC date", () => {
  const before = slot("2026-12-01T18:15:00+00:00");
  const after = slot("2026-12-01T18:30:00+00:00");
  const next = slot("2026-12-02T09:00:00+00:00");
  const days = slotDays([before, after, next], (instant) => dayKey(instant, KOLKATA));
  expect(days.map(({ key, slots }) => [key, slots])).toEqual([
    ["2026-12-01", [before]],
    ["2026-12-02", [after, next]],
  ]);
});

test("no slots have no days", () => {
  expect(slotDays([])).toEqual([]);
});

test("two lengths of one start are two slots", () => {
  expect(slotKey(slot("2026-12-01T09:00:00+00:00"))).not.toBe(slotKey(slot("2026-12-01T09:00:00+00:00", 1_500_000)));
  expect(minutesOf(slot("2026-12-01T09:00:00+00:00", 4_500_000))).toBe(75);
});
