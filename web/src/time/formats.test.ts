import { describe, expect, test } from "vitest";
import {
  changesOn,
  dayKey,
  dayText,
  hourCycleOf,
  instantText,
  type TimeStyle,
  timeRange,
  timeText,
  zoneName,
} from "./formats";

const at = (zone: string, locale = "en-GB", hourCycle: TimeStyle["hourCycle"] = "h23"): TimeStyle => ({
  locale,
  zone,
  hourCycle,
});
const range = (start: string, minutes: number, style: TimeStyle) =>
  timeRange(new Date(start), minutes, style).replaceAll("\u202f", " ");

describe("times of a slot", () => {
  test("are in the zone of the browser, also with half an hour", () => {
    expect(range("2026-12-01T09:00:00Z", 50, at("Asia/Kolkata"))).toBe("14:30–15:20");
  });

  test("have one half of the day if start and end share it", () => {
    const style = at("America/New_York", "en-US", "h12");
    expect(range("2026-12-01T14:00:00Z", 50, style)).toBe("9:00–9:50 AM");
    expect(range("2026-12-01T16:30:00Z", 50, style)).toBe("11:30 AM–12:20 PM");
    expect(range("2026-12-02T04:30:00Z", 50, style)).toBe("11:30 PM–12:20 AM");
  });

  test("follow the clock of the browser in another language", () => {
    expect(range("2026-12-01T23:30:00Z", 50, at("Europe/Berlin", "de", "h23"))).toBe("00:30–01:20");
    expect(range("2026-12-01T14:00:00Z", 25, at("UTC", "de", "h12"))).toBe("2:00–2:25 PM");
  });

  test("have both offsets where they differ, on two days without a change within either", () => {
    expect(range("2027-04-29T21:30:00Z", 50, at("Africa/Cairo"))).toBe("23:30 GMT+2–01:20 GMT+3");
    expect(range("2027-04-29T20:30:00Z", 50, at("Africa/Cairo"))).toBe("22:30–23:20");
  });

  test("have an offset on the whole day of a clock change", () => {
    const style = at("America/New_York", "en-US", "h12");
    expect(range("2026-11-01T05:30:00Z", 25, style)).toBe("1:30–1:55 AM GMT-4");
    expect(range("2026-11-01T06:30:00Z", 25, style)).toBe("1:30–1:55 AM GMT-5");
    expect(range("2026-11-01T05:30:00Z", 50, style)).toBe("1:30 AM GMT-4–1:20 AM GMT-5");
    expect(range("2026-11-02T04:30:00Z", 25, style)).toBe("11:30–11:55 PM GMT-5");
    expect(range("2026-11-02T05:30:00Z", 25, style)).toBe("12:30–12:55 AM");
  });

  test("have an offset on a day whose first hour is skipped, and none on the day before", () => {
    const style = at("Africa/Cairo");
    expect(range("2027-04-29T22:00:00Z", 25, style)).toBe("01:00–01:25 GMT+3");
    expect(range("2027-04-30T10:00:00Z", 25, style)).toBe("13:00–13:25 GMT+3");
    expect(range("2027-04-30T21:00:00Z", 25, style)).toBe("00:00–00:25");
  });

  test("show a change of half an hour", () => {
    const style = at("Australia/Lord_Howe");
    expect(range("2026-10-03T15:00:00Z", 50, style)).toBe("01:30 GMT+10:30–02:50 GMT+11");
    expect(changesOn(new Date("2026-10-03T14:00:00Z"), style)).toBe(true);
    expect(changesOn(new Date("2026-10-04T14:00:00Z"), style)).toBe(false);
  });

  test("of a single instant have the offset of a day with a change", () => {
    expect(timeText(new Date("2026-11-01T06:30:00Z"), at("America/New_York"))).toBe("01:30 GMT-5");
    expect(timeText(new Date("2026-12-01T06:30:00Z"), at("America/New_York"))).toBe("01:30");
  });
});

describe("days", () => {
  const now = new Date("2026-11-29T12:00:00Z");

  test("are those of the zone, and have a year only if it is another", () => {
    const instant = new Date("2026-12-31T10:30:00Z");
    expect(dayText(instant, at("UTC"), now)).toBe("Thursday 31 December");
    expect(dayText(instant, at("Pacific/Apia"), now)).toBe("Thursday 31 December");
    expect(dayText(instant, at("Pacific/Kiritimati"), now)).toBe("Friday, 1 January 2027");
    expect(dayText(instant, at("UTC", "de"), now)).toBe("Donnerstag, 31. Dezember");
  });

  test("have one key for each date, also where a zone has left one out", () => {
    expect(dayKey(new Date("2011-12-30T09:59:00Z"), at("Pacific/Apia"))).toBe("2011-12-29");
    expect(dayKey(new Date("2011-12-30T10:00:00Z"), at("Pacific/Apia"))).toBe("2011-12-31");
    expect(dayKey(new Date("2026-12-31T10:30:00Z"), at("UTC", "ar"))).toBe("2026-12-31");
  });
});

test("a zone has its name without a season, and its long name where there is none", () => {
  const now = new Date("2026-11-29T12:00:00Z");
  expect(zoneName(at("America/New_York"), now)).toBe("Eastern Time");
  expect(zoneName(at("Asia/Kolkata"), now)).toBe("India Standard Time");
  expect(zoneName(at("Europe/Berlin", "de"), now)).toBe("Mitteleuropäische Zeit");
  expect(zoneName(at("UTC"), now)).toBe("Coordinated Universal Time");
});

test("an instant is written without fractions", () => {
  expect(instantText(new Date("2026-12-01T09:00:00.500Z"))).toBe("2026-12-01T09:00:00Z");
});

test.each([
  ["en-US", "en-GB", "h23"],
  ["en-GB", "en-US", "h12"],
  ["de-US", "en-US", "h23"],
  ["ar-EG", "de-DE", "h12"],
])("a page in %s has on a device in %s the clock %s", (page, device, cycle) => {
  expect(hourCycleOf(page, device)).toBe(cycle);
});
