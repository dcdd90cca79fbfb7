import { expect, test } from "vitest";
import type { CalendarSlot } from "../../api/calendar";
import { daysFrom } from "../../time/week";
import { bookableQuarters, footprint, lastStart, nextFree, nextQuarter, proposedStart } from "./bookable_times";
import { isInTheWay, overlapping, ownSession } from "./own_conflicts";

const at = (time: string) => Date.parse(`2026-12-01T${time}:00Z`);

function held(time: string, minutes: number, locked = false): CalendarSlot {
  const slot = { startTime: `2026-12-01T${time}:00+00:00`, duration: minutes * 60_000 };
  const session = { ...slot, sessionId: time, locked };
  return { ...slot, session, waiting: "none", favorites: [] } as unknown as CalendarSlot;
}

const ids = (sessions: { sessionId: string }[]) => sessions.map(({ sessionId }) => sessionId);

test("the next quarter hour is ahead, also on a quarter hour", () => {
  expect([at("09:14"), at("09:15")].map(nextQuarter)).toEqual([at("09:15"), at("09:30")]);
});

test("the next free start is after the own sessions that follow each other", () => {
  const taken = [footprint("2026-12-01T09:15:00Z", 3_000_000), footprint("2026-12-01T10:15:00Z", 1_500_000)];
  expect(nextFree(at("09:10"), 50, taken)).toBe(at("10:45"));
  expect(nextFree(at("09:10"), 50, [])).toBe(at("09:15"));
});

test("the next free start has room for the length", () => {
  const taken = [footprint("2026-12-01T09:45:00Z", 1_500_000)];
  expect(nextFree(at("09:10"), 25, taken)).toBe(at("09:15"));
  expect(nextFree(at("09:10"), 50, taken)).toBe(at("10:15"));
});

test("Book proposes the morning of a shown day to come, and the next free start for other days", () => {
  const taken = [footprint("2026-12-03T08:00:00Z", 3_000_000)];
  const proposed = (date: string) => proposedStart(daysFrom(date, 7, "UTC"), at("09:10"), 50, taken);
  expect(["2026-12-02", "2026-12-03"].map(proposed)).toEqual([
    Date.parse("2026-12-02T08:00:00Z"),
    Date.parse("2026-12-03T09:00:00Z"),
  ]);
  expect(["2026-12-01", "2026-11-28", "2027-04-01"].map(proposed)).toEqual(Array(3).fill(at("09:15")));
});

test("a footprint is 30, 60 or 90 minutes", () => {
  const lengths = [25, 50, 75].map((minutes) => {
    const { start, end } = footprint("2026-12-01T09:15:00Z", minutes * 60_000);
    return (end - start) / 60_000;
  });
  expect(lengths).toEqual([30, 60, 90]);
});

test("only quarter hours ahead and within 13 weeks are offered", () => {
  const [first, last] = [daysFrom("2026-12-01", 1, "UTC")[0], daysFrom("2027-03-02", 1, "UTC")[0]];
  expect(bookableQuarters(first?.quarters ?? [], at("23:20")).map((quarter) => quarter.at)).toEqual([
    at("23:30"),
    at("23:45"),
  ]);
  expect(bookableQuarters(last?.quarters ?? [], at("00:20")).length).toBe(2);
  expect(new Date(lastStart(at("00:20"))).toISOString()).toBe("2027-03-02T00:15:00.000Z");
});

test("own sessions are in the way of a booking that they overlap, but not in its own slot unless locked", () => {
  const slots = [held("09:00", 50), held("10:00", 25), held("12:00", 50, true)];
  expect(ids(overlapping(slots, "2026-12-01T09:45:00Z", 3_000_000))).toEqual(["09:00", "10:00"]);
  expect(overlapping(slots, "2026-12-01T10:30:00Z", 1_500_000)).toEqual([]);
  expect(isInTheWay(slots, at("09:00"), 50)).toBe(false);
  expect(isInTheWay(slots, at("09:00"), 25)).toBe(true);
  expect(isInTheWay(slots, at("12:00"), 50)).toBe(true);
});

test("a partner is added to the own session of exactly that slot", () => {
  const slots = [held("09:00", 50)];
  expect(ownSession(slots, at("09:00"), 50)?.sessionId).toBe("09:00");
  expect(ownSession(slots, at("09:00"), 25)).toBe(null);
  expect(ownSession(slots, at("09:15"), 50)).toBe(null);
  expect(ownSession([held("09:00", 50, true)], at("09:00"), 50)).toBe(null);
});
