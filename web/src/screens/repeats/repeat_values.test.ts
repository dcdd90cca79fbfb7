import { expect, test } from "vitest";
import type { Repeat } from "../../api/repeats";
import { quarterHours, repeatBody, repeatEdit, valuesOf, withDay } from "./repeat_values";

const repeat: Repeat = {
  repeatId: "r",
  weekdays: ["mon", "fri"],
  time: "09:15",
  timeZone: "Europe/Berlin",
  duration: 1_500_000,
  title: null,
  from: "2026-12-01",
  until: null,
  partnerId: null,
  skipped: [],
  madeUntil: null,
};

test("empty fields of a new repeat are none", () => {
  const values = { ...valuesOf(repeat), title: "  ", from: "" };
  expect(repeatBody(values, "Asia/Kolkata")).toEqual({
    weekdays: ["mon", "fri"],
    time: "09:15",
    timeZone: "Asia/Kolkata",
    duration: 1_500_000,
    title: null,
    from: null,
    until: null,
    partnerId: null,
  });
});

test("an edit has the changed fields alone, and an emptied field becomes none", () => {
  expect(repeatEdit({})).toEqual({});
  expect(repeatEdit({ minutes: "75", title: " Thesis " })).toEqual({ duration: 4_500_000, title: "Thesis" });
  expect(repeatEdit({ title: "", until: "", partnerId: "" })).toEqual({ title: null, until: null, partnerId: null });
  // No day at all is sent as well, so that the service refuses it at its field.
  expect(repeatEdit({ weekdays: [] })).toEqual({ weekdays: [] });
});

test("the days stay in the order of the week", () => {
  expect(withDay(["mon", "fri"], "wed", true)).toEqual(["mon", "wed", "fri"]);
  expect(withDay(["mon", "fri"], "mon", false)).toEqual(["fri"]);
});

test("a start is any quarter hour of the day", () => {
  const hours = quarterHours();
  expect([hours.length, hours[0], hours[37], hours.at(-1)]).toEqual([96, "00:00", "09:15", "23:45"]);
});
