import { expect, test } from "vitest";
import type { Schemas } from "../../api/client";
import { workedWith } from "./worked_with";

const NOW = new Date("2026-12-01T12:00:00Z");
const NONE = { favorites: [], snoozed: [], blocked: [] };

function session(startTime: string, partner?: { userId: string; name: string }): Schemas["Session"] {
  const participant = { role: null, joinedAt: null, completed: false, activityType: "desk" as const, quietMode: false };
  const users = [
    { ...participant, userId: "me" },
    ...(partner ? [{ ...participant, ...partner, photoUrl: null }] : []),
  ];
  return { startTime, users } as Schemas["Session"];
}

const BEN = { userId: "ben", name: "Ben" };
const CY = { userId: "cy", name: "Cy" };

test("each partner of a session that has begun appears once, the latest first", () => {
  const sessions = [
    session("2026-12-01T10:00:00+00:00", CY),
    session("2026-12-01T09:00:00+00:00", BEN),
    session("2026-11-30T09:00:00+00:00", CY),
    session("2026-11-29T09:00:00+00:00"),
  ];
  expect(workedWith(sessions, NONE, NOW).map(({ userId }) => userId)).toEqual(["cy", "ben"]);
});

test("the partner of a session ahead is none to have worked with", () => {
  expect(workedWith([session("2026-12-01T13:00:00+00:00", BEN)], NONE, NOW)).toEqual([]);
});

test("a member of any list and a deleted account are left out", () => {
  const sessions = [
    session("2026-12-01T10:00:00+00:00", { userId: "gone", name: "Former member" }),
    session("2026-12-01T09:00:00+00:00", BEN),
  ];
  const ben = { ...BEN, photoUrl: null };
  expect(workedWith(sessions, { ...NONE, favorites: [{ ...ben, isWatched: false }] }, NOW)).toEqual([]);
  expect(workedWith(sessions, { ...NONE, snoozed: [{ ...ben, until: "2027-01-01T00:00:00+00:00" }] }, NOW)).toEqual([]);
  expect(workedWith(sessions, { ...NONE, blocked: [ben] }, NOW)).toEqual([]);
});
