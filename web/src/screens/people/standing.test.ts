import { expect, test } from "vitest";
import { standingOf } from "./standing";

const BEN = { userId: "ben", name: "Ben", photoUrl: null };
const UNTIL = "2027-01-01T00:00:00+00:00";

test("the standing comes from the own lists", () => {
  const people = { favorites: [{ ...BEN, isWatched: true }], snoozed: [{ ...BEN, until: UNTIL }], blocked: [BEN] };
  const all = { isFavorite: true, isWatched: true, isBlocked: true, snoozedUntil: UNTIL };
  expect(standingOf(people, "ben")).toEqual(all);
  const none = { isFavorite: false, isWatched: false, isBlocked: false, snoozedUntil: null };
  expect(standingOf(people, "cy")).toEqual(none);
});
