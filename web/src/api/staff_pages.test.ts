import { expect, test } from "vitest";
import type { Schemas } from "./client";
import { withSuspension } from "./staff_pages";

const SUSPENSION = { at: "2026-12-01T09:00:00+00:00", reason: "Spam", byUserId: "staff" };
const member = (userId: string): Schemas["FoundMember"] => ({
  userId,
  name: userId,
  photoUrl: null,
  memberSince: "2026-11-01T00:00:00+00:00",
  suspension: null,
});
const report = (reportId: string, userId: string): Schemas["StaffReport"] => ({
  reportId,
  reportedAt: "2026-12-01T09:00:00+00:00",
  reason: "other",
  text: "",
  sessionId: "s",
  startTime: "2026-12-01T08:00:00+00:00",
  duration: 1_500_000,
  reporter: { userId: "ben", name: "Ben" },
  reported: { userId, name: userId, suspended: false },
});

test("a suspension shows at every report about the member, and at no other member", () => {
  const page = { reports: [report("1", "ada"), report("2", "cy"), report("3", "ada")], nextCursor: "next" };
  const suspended = withSuspension(page, "ada", SUSPENSION);
  expect(suspended).toEqual({
    reports: page.reports.map((each) => ({
      ...each,
      reported: { ...each.reported, suspended: each.reportId !== "2" },
    })),
    nextCursor: "next",
  });
  expect(withSuspension(suspended, "ada", null)).toEqual(page);
  // Who reported is not suspended.
  expect(withSuspension(page, "ben", SUSPENSION)).toEqual(page);
});

test("a found member has the suspension itself, and loses it when it is lifted", () => {
  const page = { members: [member("ada"), member("cy")] };
  const suspended = withSuspension(page, "cy", SUSPENSION);
  expect(suspended).toEqual({
    members: [member("ada"), { ...member("cy"), suspension: SUSPENSION }],
  });
  expect(withSuspension(suspended, "cy", null)).toEqual(page);
});

test("the log stays as the service wrote it", () => {
  const page = { lines: [] };
  expect(withSuspension(page, "ada", SUSPENSION)).toBe(page);
});
