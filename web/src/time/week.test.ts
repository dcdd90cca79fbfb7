import { describe, expect, test } from "vitest";
import { dateOf, daysFrom, daysLater, isDate, QUARTER, rangeOf, wallRows } from "./week";

const instant = (at: number | undefined) => new Date(at ?? Number.NaN).toISOString();

function dayOf(date: string, zone: string) {
  const [day] = daysFrom(date, 1, zone);
  const quarters = day?.quarters ?? [];
  const steps = new Set(quarters.slice(1).map((quarter, index) => quarter.at - (quarters[index]?.at ?? 0)));
  return {
    count: quarters.length,
    first: instant(quarters[0]?.at),
    last: instant(quarters.at(-1)?.at),
    steps,
    quarters,
  };
}

const clock = ({ minute }: { minute: number }) =>
  `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;

describe("quarter hours of a day", () => {
  test("begin at the midnight of a zone with half an hour", () => {
    const { count, first, last, quarters } = dayOf("2026-12-01", "Asia/Kolkata");
    expect([count, first, last]).toEqual([96, "2026-11-30T18:30:00.000Z", "2026-12-01T18:15:00.000Z"]);
    expect(quarters[37] && clock(quarters[37])).toBe("09:15");
  });

  test("are 92 in Cairo where midnight is left out, and begin at one o'clock", () => {
    const { count, first, last, steps, quarters } = dayOf("2027-04-30", "Africa/Cairo");
    expect([count, first, last]).toEqual([92, "2027-04-29T22:00:00.000Z", "2027-04-30T20:45:00.000Z"]);
    expect(quarters[0] && clock(quarters[0])).toBe("01:00");
    expect([...steps]).toEqual([QUARTER]);
  });

  test("are 100 in New York when the clock is put back, four of them with a repeated time", () => {
    const { count, quarters, steps } = dayOf("2026-11-01", "America/New_York");
    expect(count).toBe(100);
    expect([...steps]).toEqual([QUARTER]);
    const repeated = quarters.filter(({ isRepeated }) => isRepeated);
    expect(repeated.map(clock)).toEqual(["01:00", "01:15", "01:30", "01:45"]);
    expect(instant(repeated[0]?.at)).toBe("2026-11-01T06:00:00.000Z");
  });

  test("are 94 and 98 on Lord Howe, where clocks change by half an hour", () => {
    expect(dayOf("2026-10-04", "Australia/Lord_Howe").count).toBe(94);
    const { count, quarters } = dayOf("2027-04-04", "Australia/Lord_Howe");
    expect(count).toBe(98);
    expect(quarters.filter(({ isRepeated }) => isRepeated).map(clock)).toEqual(["01:30", "01:45"]);
  });

  test("belong to the date of Apia, and a date that it left out has none", () => {
    const { count, first } = dayOf("2026-12-01", "Pacific/Apia");
    expect([count, first]).toEqual([96, "2026-11-30T11:00:00.000Z"]);
    expect(daysFrom("2011-12-29", 3, "Pacific/Apia").map(({ quarters }) => quarters.length)).toEqual([96, 0, 96]);
  });
});

describe("lines of a week", () => {
  test("are the 96 quarter hours without a change of clocks", () => {
    const rows = wallRows(daysFrom("2026-12-01", 7, "Europe/Berlin"));
    expect(rows.length).toBe(96);
    expect(rows.every(({ quarters }) => quarters.length === 7 && !quarters.includes(null))).toBe(true);
  });

  test("leave a day blank at the times that its clock skips", () => {
    const rows = wallRows(daysFrom("2027-04-28", 7, "Africa/Cairo"));
    expect(rows.slice(0, 5).map(clock)).toEqual(["00:00", "00:15", "00:30", "00:45", "01:00"]);
    const blank = rows.filter(({ quarters }) => quarters.includes(null));
    expect(blank.map(clock)).toEqual(["00:00", "00:15", "00:30", "00:45"]);
    expect(blank.every(({ quarters }) => quarters.indexOf(null) === 2)).toBe(true);
  });

  test("show a repeated hour after the first one, with the same times side by side after it", () => {
    const rows = wallRows(daysFrom("2026-10-30", 7, "America/New_York"));
    expect(rows.slice(4, 13).map(clock)).toEqual([
      ...["01:00", "01:15", "01:30", "01:45"],
      ...["01:00", "01:15", "01:30", "01:45"],
      "02:00",
    ]);
    const repeated = rows.filter(({ isRepeated }) => isRepeated);
    expect(repeated.map(({ quarters }) => quarters.map((quarter) => quarter !== null))).toEqual(
      Array(4).fill([false, false, true, false, false, false, false]),
    );
  });
});

test("dates are counted without a clock, and a text that is no date is none", () => {
  expect(daysLater("2026-12-31", 1)).toBe("2027-01-01");
  expect(daysLater("2027-03-01", -1)).toBe("2027-02-28");
  expect(dateOf(Date.parse("2026-11-30T20:00:00Z"), "Asia/Kolkata")).toBe("2026-12-01");
  expect(["0001-01-01", "0099-01-01", "9999-12-31"].map(isDate)).toEqual([false, false, false]);
  expect([isDate("2026-12-01"), isDate("2026-13-01"), isDate("tomorrow"), isDate(undefined)]).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

test("the range of days ends where the last one does", () => {
  const { start, end } = rangeOf(daysFrom("2026-10-31", 2, "America/New_York"));
  expect([instant(start), instant(end)]).toEqual(["2026-10-31T04:00:00.000Z", "2026-11-02T05:00:00.000Z"]);
});
