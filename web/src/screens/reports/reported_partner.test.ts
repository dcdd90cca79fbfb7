import { expect, test } from "vitest";
import { isStillAbout, reportedPartner } from "./reported_partner";

const START = "2026-12-01T09:00:00+00:00";
const OWN = {
  userId: "a",
  role: null,
  joinedAt: null,
  completed: false,
  activityType: "desk",
  quietMode: false,
} as const;
const BEN = { ...OWN, userId: "b", name: "Ben" };
const matched = { startTime: START, state: "matched", changes: [], users: [OWN, BEN] } as const;
const alone = { startTime: START, state: "unmatched", users: [OWN] } as const;

const at = (time: string) => new Date(`2026-12-01T${time}Z`);
const of = (session: object, time: string) =>
  reportedPartner(session as Parameters<typeof reportedPartner>[0], at(time));

test("a partner can be reported from the minute in which the room opens, also long after the end", () => {
  expect(of(matched, "08:49:59")).toBeNull();
  expect(of(matched, "08:50:00")).toEqual({ userId: "b", name: "Ben" });
  expect(of(matched, "23:00:00")).toEqual({ userId: "b", name: "Ben" });
});

test("without a partner it is the one who cancelled, and none if the others were only displaced", () => {
  const lost = (kind: string) => ({
    ...alone,
    changes: [
      { kind: "matched", at: START },
      { kind, at: START },
    ],
  });
  expect(of(lost("partner_cancelled"), "09:00:00")).toEqual({ userId: null, name: null });
  expect(of(lost("displaced"), "09:00:00")).toBeNull();
  expect(of({ ...alone, changes: [] }, "09:00:00")).toBeNull();
});

test("a partner who did not come can be reported after the caller asked for another one", () => {
  const joined = { ...alone, changes: [], users: [{ ...OWN, joinedAt: START }] };
  expect(of({ ...joined, state: "waiting" }, "09:04:00")).toEqual({ userId: null, name: null });
  expect(of({ ...joined, state: "unmatched" }, "10:00:00")).toEqual({ userId: null, name: null });
  expect(of({ ...joined, state: "waiting" }, "08:59:00")).toBeNull();
});

test("an own cancelled session has none", () => {
  const changes = [{ kind: "partner_cancelled", at: START }];
  expect(of({ ...alone, state: "cancelled", changes }, "09:00:00")).toBeNull();
});

test("a deleted account can still be reported", () => {
  const users = [OWN, { ...BEN, name: "Former member" }];
  expect(of({ ...matched, users }, "10:00:00")).toEqual({ userId: "b", name: "Former member" });
});

test("an open dialog stays about its partner also after that one cancels, but not with another partner or none", () => {
  const ben = { userId: "b", name: "Ben" };
  const change = (...kinds: string[]) => kinds.map((kind) => ({ kind, at: START }));
  const isAbout = (opened: typeof ben, session: object) =>
    isStillAbout(opened, session as Parameters<typeof isStillAbout>[1], at("09:00:00"));
  expect(isAbout(ben, matched)).toBe(true);
  expect(isAbout(ben, { ...alone, changes: change("partner_cancelled", "matched") })).toBe(true);
  expect(isAbout(ben, { ...alone, changes: change("displaced", "partner_cancelled") })).toBe(false);
  expect(isAbout(ben, { ...alone, changes: change("displaced") })).toBe(false);
  expect(isAbout({ ...ben, userId: "c" }, matched)).toBe(false);
});
