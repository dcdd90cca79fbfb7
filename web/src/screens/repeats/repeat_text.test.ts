import { describe, expect, test } from "vitest";
import type { TimeStyle } from "../../time/formats";
import { clockText, datesText, patternText, reasonText, WEEKDAYS, weekdayName, weekdayOf } from "./repeat_text";

const style = (zone: string, locale = "en-GB", hourCycle: TimeStyle["hourCycle"] = "h23"): TimeStyle => ({
  locale,
  zone,
  hourCycle,
});
const pattern = { weekdays: ["mon", "wed"], time: "09:00", timeZone: "Europe/Berlin", duration: 3_000_000 } as const;
const stored = { ...pattern, weekdays: [...pattern.weekdays] };

describe("the pattern of a repeat", () => {
  test("names its days and its local times", () => {
    expect(patternText(stored, style("Europe/Berlin"))).toBe("Every Monday and Wednesday, 09:00–09:50");
    expect(patternText({ ...stored, weekdays: [...WEEKDAYS] }, style("Europe/Berlin"))).toBe("Every day, 09:00–09:50");
  });

  test("has the names of the language and the clock of the device", () => {
    const text = patternText({ ...stored, time: "11:30" }, style("Europe/Berlin", "en-US", "h12"));
    expect(text.replaceAll("\u202f", " ")).toBe("Every Monday and Wednesday, 11:30 AM–12:20 PM");
    expect(patternText(stored, style("Europe/Berlin", "de"))).toContain("Montag und Mittwoch");
  });

  test("names its zone only on a device with another one, and does not move its times", () => {
    expect(patternText(stored, style("America/New_York"))).toBe(
      "Every Monday and Wednesday, 09:00–09:50 (time zone Europe/Berlin)",
    );
    const kolkata = { ...stored, timeZone: "Asia/Calcutta" };
    expect(patternText(kolkata, style("Asia/Kolkata"))).toBe("Every Monday and Wednesday, 09:00–09:50");
  });
});

test("a local time that a clock change can leave out is written unchanged", () => {
  expect(patternText({ ...stored, time: "02:30" }, style("Europe/Berlin"))).toContain("02:30–03:20");
  expect(clockText("02:30", style("Europe/Berlin"))).toBe("02:30");
});

test("the dates are those of the repeat in every zone of the device", () => {
  for (const zone of ["Pacific/Kiritimati", "Pacific/Pago_Pago"]) {
    const dates = { from: "2026-12-01", until: "2027-01-31" };
    expect(datesText(dates, style(zone))).toBe("From 1 Dec 2026 until 31 Jan 2027");
    expect(datesText({ ...dates, until: null }, style(zone))).toBe("From 1 Dec 2026, without an end");
  }
});

test("each day of the week is known by a date, also before 2024", () => {
  expect(WEEKDAYS.map((day) => weekdayName(day, "en"))).toEqual([
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
  ]);
  expect(["2026-11-29", "2026-11-30", "2023-12-31", "2023-12-26"].map(weekdayOf)).toEqual(["sun", "mon", "sun", "tue"]);
});

test("a skipped time has words for its reason, also for a code of a later service", () => {
  expect(reasonText("time_conflict")).toBe("another session of yours was at this time");
  expect(reasonText("moon_phase")).toBe("it could not be booked");
});
