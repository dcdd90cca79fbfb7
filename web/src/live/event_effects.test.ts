import { describe, expect, test } from "vitest";
import { effectOf, type LiveEvent } from "./event_effects";

const START = "2026-12-01T09:00:00+00:00";
const BOOKED = "2026-12-01T07:00:00+00:00";
const BEFORE = new Date("2026-12-01T08:00:00Z");
type Session = NonNullable<LiveEvent["data"]["session"]>;
type Kinds = Session["changes"][number]["kind"][];

function event(
  type: LiveEvent["type"],
  state: Session["state"],
  partner?: string,
  kinds: Kinds = [],
  timestamp = BOOKED,
): LiveEvent {
  const changes = kinds.map((kind) => ({ kind, at: START }));
  const other = {
    userId: "b",
    role: null,
    joinedAt: null,
    completed: false,
    activityType: "desk",
    quietMode: false,
  } as const;
  const users = [{ ...other, userId: "a" }, ...(partner ? [{ ...other, name: partner }] : [])];
  const session = { state, locked: state === "locked_in", changes, users } as unknown as Session;
  return {
    id: "evt",
    type,
    timestamp,
    data: { startTime: START, duration: 3_000_000, sessionId: "s", session },
  };
}

const messageOf = (given: LiveEvent, now = BEFORE) => effectOf(given, now).message;
const nameOf = (given: LiveEvent, now = BEFORE) => messageOf(given, now)?.name ?? null;

describe("the message of an event", () => {
  test("names the partner, between marks that isolate the name", () => {
    expect(messageOf(event("session.locked_in", "locked_in", "Ben"))).toEqual({
      name: "lockedIn",
      partner: "\u2068Ben\u2069",
    });
  });

  test("of a match names why the partner before is gone", () => {
    const matched = (...kinds: Kinds) => nameOf(event("session.matched", "matched", "Eli", kinds));
    expect(matched("matched")).toBe("matched");
    expect(matched("matched", "displaced", "matched")).toBe("matchedAfterDisplaced");
    expect(matched("displaced", "displaced", "matched")).toBe("matchedAfterDisplaced");
    expect(matched("matched", "partner_cancelled")).toBe("matchedAfterCancel");
    // A later lock has its own event, so that the reason of the match is past.
    expect(matched("locked_in", "displaced")).toBe("matched");
  });

  test("of a loss says that there is a search, unless a later event names the next partner", () => {
    expect(nameOf(event("session.displaced", "waiting"))).toBe("displaced");
    expect(nameOf(event("session.displaced", "matched", "Eli"))).toBeNull();
    expect(nameOf(event("session.partner_cancelled", "waiting"))).toBe("partnerCancelled");
    expect(nameOf(event("session.partner_cancelled", "locked_in", "Eli"))).toBeNull();
  });

  test("is none for the member's own actions, and none for a session that has ended its meaning", () => {
    for (const type of ["session.booked", "session.cancelled", "session.changed"] as const)
      expect(nameOf(event(type, "waiting"))).toBeNull();
    expect(nameOf(event("session.matched", "cancelled", "Eli"))).toBeNull();
    expect(nameOf(event("session.matched", "waiting"))).toBeNull();
    expect(
      nameOf({ ...event("session.matched", "matched"), data: { startTime: START, duration: 1_500_000 } }),
    ).toBeNull();
  });

  test("comes late only if the session has not begun, or has begun alone", () => {
    const begun = new Date(START);
    expect(nameOf(event("session.starting", "matched", "Eli"))).toBe("starting");
    expect(nameOf(event("session.starting", "waiting"))).toBe("startingAlone");
    expect(nameOf(event("session.starting", "matched", "Eli"), begun)).toBeNull();
    expect(nameOf(event("session.matched", "matched", "Eli"), begun)).toBeNull();
    expect(nameOf(event("session.unmatched", "unmatched"), begun)).toBe("unmatched");
  });

  test("of a second chance names the other partner while the session lasts", () => {
    const [begun, over] = [new Date("2026-12-01T09:06:00Z"), new Date("2026-12-01T09:50:00Z")];
    const again = event("session.matched", "matched", "Eli", ["matched", "displaced"], "2026-12-01T09:05:00+00:00");
    expect(messageOf(again, begun)).toEqual({ name: "matchedAfterStart", partner: "\u2068Eli\u2069" });
    expect(nameOf(again, over)).toBeNull();
    expect(nameOf(event("session.missed", "missed"), over)).toBe("missed");
  });

  test("of a favorite is about the favorite, without a session", () => {
    const favorite = { userId: "b", name: "Ben", photoUrl: null };
    const given = {
      ...event("favorite.available", "waiting"),
      data: { startTime: START, duration: 3_000_000, favorite },
    };
    expect(messageOf(given as LiveEvent)).toEqual({ name: "favoriteAvailable", partner: "\u2068Ben\u2069" });
    expect(effectOf(given as LiveEvent, BEFORE).views).not.toContain("sessions");
  });
});

test("an event of a session fetches the views that show it", () => {
  const viewsOf = (type: LiveEvent["type"]) => [...effectOf(event(type, "waiting"), BEFORE).views].sort();
  const all = ["availability", "calendar", "favorites-availability", "session", "sessions"];
  const missed = "session.missed";
  for (const type of ["session.booked", "session.matched", "session.locked_in", "session.displaced", missed] as const)
    expect(viewsOf(type)).toEqual(all);
  expect(viewsOf("session.cancelled")).toEqual(all);
  expect(viewsOf("session.changed")).toEqual(["calendar", "session", "sessions"]);
});
