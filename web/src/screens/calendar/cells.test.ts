import { describe, expect, test } from "vitest";
import type { CalendarSlot } from "../../api/calendar";
import { en } from "../../i18n/en";
import { daysFrom, wallRows } from "../../time/week";
import { cellName } from "./cell_names";
import { type Arrangement, arrange, type Cell, favoritesAt } from "./cells";

const NOOR = { userId: "noor", name: "Noor", photoUrl: null, locked: false, lockable: true };
const OTTO = { userId: "otto", name: "Otto", photoUrl: null, locked: false, lockable: false };
const TEXTS = { calendar: en.calendar, words: en.words, locale: "en" };

function slotOf(startTime: string, minutes: number, facts: Partial<CalendarSlot> = {}): CalendarSlot {
  const duration = (minutes * 60_000) as CalendarSlot["duration"];
  return { startTime, duration, session: null, waiting: "none", favorites: [], ...facts };
}

function heldSlot(startTime: string, minutes: number, partner: string | null = null): CalendarSlot {
  const duration = (minutes * 60_000) as CalendarSlot["duration"];
  const users = [{ userId: "own" }, ...(partner ? [{ userId: partner, name: partner }] : [])];
  const state = partner ? "locked_in" : "waiting";
  const session = { sessionId: startTime, startTime, duration, state, locked: partner !== null, users };
  return slotOf(startTime, minutes, { session: session as unknown as CalendarSlot["session"] });
}

function cellsOf(first: string, count: number, zone: string, arrangement: Partial<Arrangement>) {
  const days = daysFrom(first, count, zone);
  const rows = wallRows(days);
  const cells = arrange(days, rows, {
    slots: [],
    isKnown: true,
    now: Date.parse(first),
    minutes: 50,
    booking: null,
    ...arrangement,
  }).flat();
  return (instant: string): Cell => {
    const found = cells.find((cell) => cell?.quarter.at === Date.parse(instant));
    if (!found) throw new Error(`no cell at ${instant}`);
    return found;
  };
}

const name = (cell: Cell) => cellName(cell, "Tuesday 1 December", "09:15", TEXTS).replace(/[\u2068\u2069]/g, "");

describe("cells", () => {
  test("of a session are as many as its footprint, with one block", () => {
    const cell = cellsOf("2026-12-01", 1, "UTC", { slots: [heldSlot("2026-12-01T09:15:00Z", 50, "Noor")] });
    const shown = ["09:00", "09:15", "09:30", "10:00", "10:15"].map((time) => cell(`2026-12-01T${time}:00Z`));
    expect(shown.map(({ block }) => block?.lines ?? 0)).toEqual([0, 4, 0, 0, 0]);
    expect(shown.map(({ session }) => session !== null)).toEqual([false, true, true, true, false]);
    expect(shown.map(name).slice(1, 3)).toEqual([
      "Tuesday 1 December, 09:15, your session with Noor, locked in, 50 minutes",
      "Tuesday 1 December, 09:15, during your session",
    ]);
  });

  test("continue a session on the next day, also where the week begins within it", () => {
    const slots = [heldSlot("2026-12-01T23:30:00Z", 75)];
    const both = cellsOf("2026-12-01", 2, "UTC", { slots });
    expect(both("2026-12-01T23:30:00Z").block?.lines).toBe(2);
    expect(both("2026-12-02T00:00:00Z").block?.lines).toBe(4);
    expect(cellsOf("2026-12-02", 1, "UTC", { slots })("2026-12-02T00:00:00Z").block?.lines).toBe(4);
  });

  test("draw a session over the blank lines of a skipped hour", () => {
    const slots = [heldSlot("2027-03-14T06:30:00Z", 50)];
    const cell = cellsOf("2027-03-13", 2, "America/New_York", { slots });
    // 01:30 to 03:30 on the wall, which is one hour: four quarter hours and the four that this day skips.
    expect(cell("2027-03-14T06:30:00Z").block?.lines).toBe(8);
  });

  test("show the demand of the chosen length, and the favorites of every length", () => {
    const at = "2026-12-01T09:15:00Z";
    const slots = [
      slotOf(at, 25, { waiting: "many", favorites: [NOOR] }),
      slotOf(at, 50, { waiting: "some", favorites: [OTTO] }),
    ];
    const cell = cellsOf("2026-12-01", 1, "UTC", { slots })(at);
    expect(cell.waiting).toBe("some");
    expect(favoritesAt(slots, Date.parse(at)).map(({ userId, minutes }) => [userId, minutes])).toEqual([
      ["noor", 25],
      ["otto", 50],
    ]);
    expect(name(cell)).toBe("Tuesday 1 December, 09:15, free, favorites: Noor and Otto, some members wait");
  });

  test("say why a start cannot be booked, without the demand of the past", () => {
    const now = Date.parse("2026-12-01T09:15:00Z");
    const slots = [slotOf("2026-12-01T09:15:00Z", 50, { waiting: "some" })];
    const cell = cellsOf("2026-12-01", 92, "UTC", { slots, now });
    expect(name(cell("2026-12-01T09:15:00Z"))).toBe("Tuesday 1 December, 09:15, past");
    expect(name(cell("2026-12-01T09:30:00Z"))).toBe("Tuesday 1 December, 09:15, free");
    expect(cell("2027-03-02T09:15:00Z").bookable).toBe("bookable");
    expect(name(cell("2027-03-02T09:30:00Z"))).toBe("Tuesday 1 December, 09:15, too far ahead to book");
  });

  test("are not called free before the slots are read", () => {
    const cell = cellsOf("2026-12-01", 1, "UTC", { isKnown: false })("2026-12-01T09:15:00Z");
    expect([cell.bookable, name(cell)]).toEqual(["unknown", "Tuesday 1 December, 09:15"]);
  });

  test("show a booking on its way, before the service has answered", () => {
    const booking = { startTime: "2026-12-01T09:15:00Z", duration: 1_500_000 };
    const cell = cellsOf("2026-12-01", 1, "UTC", { booking })("2026-12-01T09:15:00Z");
    expect(cell.block).toEqual({ session: null, lines: 2 });
    expect(name(cell)).toBe("Tuesday 1 December, 09:15, being booked");
  });
});
