import { expect, test } from "vitest";
import { localTime, placeOf } from "./member_facts";

const STYLE = { locale: "en-GB", zone: "UTC", hourCycle: "h23" } as const;

test("the local time is that of the member's zone", () => {
  expect(localTime(new Date("2026-12-01T09:00:00Z"), "Asia/Kolkata", STYLE)).toBe("14:30");
});

test("a zone that the browser does not know has no local time", () => {
  expect(localTime(new Date("2026-12-01T09:00:00Z"), "Nowhere/Here", STYLE)).toBe(null);
});

test("a zone is shown by its place", () => {
  expect(placeOf("America/Argentina/Buenos_Aires")).toBe("Buenos Aires");
  expect(placeOf("UTC")).toBe("UTC");
});
