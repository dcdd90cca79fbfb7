import { expect, test } from "vitest";
import { repeatWish } from "./repeat_wish";

const AT = Date.parse("2026-12-01T22:30:00Z");
const noor = { userId: "n", name: "Noor", photoUrl: null, lockable: true, locked: false, minutes: 25 } as const;

function answers(entries: readonly [string, string][]): FormData {
  const form = new FormData();
  for (const [name, value] of entries) form.append(name, value);
  return form;
}

test("a repeat has the local time and the local date of its first session", () => {
  const form = answers([
    ["weekday", "fri"],
    ["weekday", "wed"],
    ["title", " Thesis "],
    ["until", "2027-01-31"],
  ]);
  expect(repeatWish(AT, 50, null, form, "Asia/Kolkata")).toEqual({
    weekdays: ["wed", "fri"],
    time: "04:00",
    timeZone: "Asia/Kolkata",
    duration: 3_000_000,
    title: "Thesis",
    from: "2026-12-02",
    until: "2027-01-31",
    partnerId: null,
  });
});

test("a chosen partner is that of every session, with the length of the partner's slot", () => {
  const wish = repeatWish(AT, 75, noor, answers([["weekday", "tue"]]), "UTC");
  expect([wish.partnerId, wish.duration, wish.title, wish.until]).toEqual(["n", 1_500_000, null, null]);
  expect([wish.time, wish.from]).toEqual(["22:30", "2026-12-01"]);
});
