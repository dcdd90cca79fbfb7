import { expect, test } from "vitest";
import { bookingWish } from "./booking_wish";

const AT = Date.parse("2026-12-01T09:15:00Z");
const STYLE = { title: "  ", quietMode: true, activityType: "desk", preferFavorites: false } as const;
const SLOT = { startTime: "2026-12-01T09:15:00Z", duration: 3_000_000 };
const partner = (lockable: boolean) =>
  ({ userId: "noor", name: "Noor", photoUrl: null, locked: false, lockable, minutes: 25 }) as const;

test("a booking without a partner has the chosen length, and no title where it is blank", () => {
  const style = { quietMode: true, activityType: "desk", preferFavorites: false };
  expect(bookingWish(AT, 50, null, STYLE)).toEqual({ ...SLOT, ...style });
  expect(bookingWish(AT, 50, null, { ...STYLE, title: " Thesis " }).title).toBe("Thesis");
});

test("a booking with a partner has the length of that slot, and locks in only where it can", () => {
  const slot = { ...SLOT, duration: 1_500_000, partnerId: "noor" };
  expect(bookingWish(AT, 50, partner(true), null)).toEqual({ ...slot, locked: true });
  expect(bookingWish(AT, 50, partner(false), null)).toEqual({ ...slot, locked: false });
});
