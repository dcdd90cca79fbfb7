import { expect, test } from "vitest";
import { isSameZone, timeZones, zoneText } from "./time_zones";

test("the present zone can be chosen, also one that the browser does not list", () => {
  const zones = timeZones(["Mars/Olympus_Mons"]);
  expect(zones).toContain("Mars/Olympus_Mons");
  expect(zones).toContain("UTC");
  expect(zones).toContain("Europe/Vienna");
  expect(new Set(zones).size).toBe(zones.length);
});

test("a zone is a text without underscores", () => {
  expect(zoneText("America/Argentina/Buenos_Aires")).toBe("America/Argentina/Buenos Aires");
});

test("two names of one zone are equal", () => {
  expect(isSameZone("Asia/Calcutta", "Asia/Kolkata")).toBe(true);
  expect(isSameZone("Europe/Vienna", "Europe/Berlin")).toBe(false);
  expect(isSameZone("Mars/Olympus_Mons", "Mars/Olympus_Mons")).toBe(true);
});
