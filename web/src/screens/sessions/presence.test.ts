import { expect, test } from "vitest";
import { presenceOf } from "./presence";
import type { Participant, Session } from "./session_state";

const at = (time: string) => new Date(`2026-12-01T${time}Z`);
const START = "2026-12-01T09:00:00+00:00";
const JOINED = "2026-12-01T08:58:00+00:00";

function participant(joinedAt: string | null, completed = false): Participant {
  return { userId: "u", role: null, joinedAt, completed, activityType: "desk", quietMode: false } as Participant;
}

function presences(users: Participant[], now: Date, state: Session["state"] = "matched") {
  const session = { startTime: START, duration: 3_000_000, state, users } as unknown as Session;
  return users.map((each) => presenceOf(session, each, now));
}

test("a member who joined has the time of it, also before the start, and the other has nothing before the start", () => {
  expect(presences([participant(JOINED), participant(null)], at("08:59:59"))).toEqual([new Date(JOINED), null]);
});

test("a member who did not join can come until the end", () => {
  const users = [participant(null), participant(JOINED)];
  expect(presences(users, at("09:00:00"))).toEqual(["not_yet", new Date(JOINED)]);
  expect(presences(users, at("09:49:59"))[0]).toBe("not_yet");
  expect(presences(users, at("09:50:00"))[0]).toBe("absent");
});

test("without a partner, after a cancel, and in a deployment without attendance no member is absent", () => {
  expect(presences([participant(null)], at("10:00:00"), "unmatched")).toEqual([null]);
  expect(presences([participant(null), participant(null)], at("10:00:00"), "cancelled")).toEqual([null, null]);
  expect(presences([participant(null, true), participant(null, true)], at("10:00:00"))).toEqual([null, null]);
});
