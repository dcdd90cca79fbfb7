import { describe, expect, test } from "vitest";
import { sessionDays } from "./session_days";
import {
  changeSummary,
  distinctChanges,
  isAhead,
  isLate,
  past,
  type Session,
  stateOf,
  upcoming,
} from "./session_state";

const at = (time: string) => new Date(`2026-12-01T${time}Z`);

function session(startTime: string, changed: Partial<Session> = {}): Session {
  return {
    sessionId: startTime,
    sessionType: "paired",
    startTime,
    duration: 3_000_000,
    title: null,
    state: "waiting",
    locked: false,
    final: false,
    lastChange: null,
    changes: [],
    cancelledLate: false,
    preferFavorites: false,
    repeatId: null,
    canJoin: false,
    roomUrl: null,
    users: [],
    ...changed,
  };
}

const MORNING = "2026-12-01T09:00:00+00:00";

describe("the state of a session", () => {
  test.each<[Partial<Session>, string]>([
    [{}, "waiting"],
    [{ state: "matched" }, "matched"],
    [{ state: "matched", final: true }, "final"],
    [{ state: "locked_in", locked: true }, "lockedIn"],
    [{ state: "unmatched" }, "unmatched"],
    [{ state: "missed" }, "missed"],
    [{ state: "cancelled" }, "cancelled"],
    [{ state: "cancelled", cancelledLate: true }, "cancelledLate"],
  ])("%o is %s before its start", (changed, name) => {
    expect(stateOf(session(MORNING, changed), at("08:59:59"))).toBe(name);
  });

  test("is a search for another partner from 3 minutes after the start, for a member who has joined", () => {
    const users = [{ joinedAt: "2026-12-01T08:59:00+00:00" }] as Session["users"];
    expect(stateOf(session(MORNING, { users }), at("09:03:00"))).toBe("seeking");
    expect(stateOf(session(MORNING, { users }), at("09:02:59"))).toBe("unmatched");
    expect(stateOf(session(MORNING), at("09:03:00"))).toBe("unmatched");
    expect(stateOf(session(MORNING), at("09:00:00"))).toBe("unmatched");
  });

  test("with a partner is work together from the end on if it is completed, and without one it stays", () => {
    const completed = [{ completed: true }] as Session["users"];
    expect(stateOf(session(MORNING, { state: "locked_in", users: completed }), at("09:49:59"))).toBe("lockedIn");
    expect(stateOf(session(MORNING, { state: "locked_in", users: completed }), at("09:50:00"))).toBe("together");
    expect(stateOf(session(MORNING, { state: "matched", final: true }), at("12:00:00"))).toBe("apart");
    expect(stateOf(session(MORNING, { state: "missed" }), at("12:00:00"))).toBe("missed");
    expect(stateOf(session(MORNING, { state: "unmatched" }), at("12:00:00"))).toBe("unmatched");
  });
});

test("a session can be cancelled until its start, and a cancelled one cannot", () => {
  expect(isAhead(session(MORNING), at("08:59:59"))).toBe(true);
  expect(isAhead(session(MORNING), at("09:00:00"))).toBe(false);
  expect(isAhead(session(MORNING, { state: "cancelled" }), at("08:00:00"))).toBe(false);
});

test("a cancel is late from exactly one hour before the start", () => {
  expect(isLate(session(MORNING), at("07:59:59"))).toBe(false);
  expect(isLate(session(MORNING), at("08:00:00"))).toBe(true);
});

describe("the lists", () => {
  const early = session("2026-12-01T08:00:00+00:00");
  const late = session("2026-12-01T12:00:00+00:00");
  const cancelled = session(MORNING, { state: "cancelled" });
  const ids = (sessions: Session[]) => sessions.map(({ startTime }) => startTime.slice(11, 16));

  test("show a running session as upcoming until its end", () => {
    expect(ids(upcoming([late, early], [], at("08:49:59")))).toEqual(["08:00", "12:00"]);
    expect(ids(upcoming([late, early], [], at("08:50:00")))).toEqual(["12:00"]);
    expect(ids(past([early, late], at("08:50:00")))).toEqual(["08:00"]);
    expect(ids(past([early, late], at("13:00:00")))).toEqual(["12:00", "08:00"]);
  });

  test("show a session that was just cancelled once, whether the service still lists it or not", () => {
    const states = (listed: Session[]) => upcoming(listed, [cancelled], at("07:00:00")).map(({ state }) => state);
    expect(states([late, session(MORNING)])).toEqual(["cancelled", "waiting"]);
    expect(states([late])).toEqual(["cancelled", "waiting"]);
  });

  test("group by the day of the zone in which a session starts", () => {
    const night = session("2026-12-01T23:30:00+00:00");
    const days = (zone: string) =>
      sessionDays([early, late, night], { locale: "en", zone, hourCycle: "h23" }).map((day) => [
        day.key,
        day.sessions.length,
      ]);
    expect(days("UTC")).toEqual([["2026-12-01", 3]]);
    expect(days("Asia/Kolkata")).toEqual([
      ["2026-12-01", 2],
      ["2026-12-02", 1],
    ]);
  });
});

test("a new partner is named with the loss of the one before, and a loss with the search", () => {
  const of = (...kinds: Session["changes"][number]["kind"][]) =>
    changeSummary(session(MORNING, { changes: kinds.map((kind) => ({ kind, at: MORNING })) }));
  expect(of()).toBeNull();
  expect(of("matched")).toBe("matched");
  expect(of("matched", "partner_cancelled", "matched")).toBe("cancelledThenMatched");
  expect(of("locked_in", "displaced")).toBe("displacedThenLockedIn");
  expect(of("locked_in", "matched")).toBe("locked_in");
  expect(of("displaced", "matched")).toBe("displaced");
  expect(of("partner_cancelled", "displaced")).toBe("partner_cancelled");
});

test("a member that a lock displaced and paired again reads of both, and of the loss once", () => {
  const participant = { role: null, joinedAt: null, completed: false, activityType: "desk", quietMode: false } as const;
  const lost = { kind: "displaced", at: MORNING } as const;
  const earlier = "2026-12-01T07:00:00+00:00";
  const changes: Session["changes"] = [lost, lost, { kind: "matched", at: earlier }];
  const users = ["a", "b"].map((userId) => ({ ...participant, userId }));
  expect(changeSummary(session(MORNING, { state: "matched", changes, users }))).toBe("displacedThenMatched");
  expect(changeSummary(session(MORNING, { changes, users: users.slice(0, 1) }))).toBe("displaced");
  const locked: Session["changes"] = [{ kind: "locked_in", at: "2026-12-01T08:00:00+00:00" }, lost, lost];
  expect(changeSummary(session(MORNING, { state: "locked_in", changes: locked, users }))).toBe("displacedThenLockedIn");
  expect(distinctChanges(changes).map(({ kind }) => kind)).toEqual(["displaced", "matched"]);
  // Two losses at different times are two changes.
  expect(distinctChanges([lost, { ...lost, at: earlier }])).toHaveLength(2);
});
