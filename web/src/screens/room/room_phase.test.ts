import { expect, test } from "vitest";
import type { Schemas } from "../../api/client";
import { chanceOf, goesOn, pauseOf, roomPhase, roomSession } from "./room_phase";

type Session = Schemas["Session"];
interface Made {
  id?: string;
  pair?: string | null;
  state?: Session["state"];
  own?: string | null;
  partner?: string | null | false;
}

const START = Date.parse("2026-11-30T10:00:00Z");
const MINUTE = 60_000;
const at = (minutes: number) => START + minutes * MINUTE;

/** Return a session of 25 minutes. `own` and `partner` are the instants at which the two joined. */
function session({ id = "s1", pair = "p1", state = "matched", own = null, partner = null }: Made = {}): Session {
  const users = [{ joinedAt: own }, ...(partner === false ? [] : [{ joinedAt: partner }])];
  const roomUrl = pair && `https://app.example/rooms/${pair}`;
  const startTime = "2026-11-30T10:00:00+00:00";
  return { sessionId: id, startTime, duration: 25 * MINUTE, state, roomUrl, users } as unknown as Session;
}

const JOINED = "2026-11-30T09:58:00+00:00";
const seeking = (own: string | null = JOINED) => session({ pair: null, state: "waiting", own, partner: false });

test("a room opens 10 minutes before the start and closes 10 minutes after the end", () => {
  expect([-11, -10, 0, 24].map((minutes) => roomPhase(session(), at(minutes)))).toEqual([
    "early",
    "open",
    "open",
    "open",
  ]);
  const joined = session({ own: JOINED });
  expect([25, 34.9, 35].map((minutes) => roomPhase(joined, at(minutes)))).toEqual(["open", "open", "closed"]);
});

test("after the end only a member who was there comes back", () => {
  expect(roomPhase(session(), at(25))).toBe("closed");
});

test("a session without a partner has words of its own", () => {
  const alone = { pair: null, partner: false } as const;
  expect(roomPhase(session({ ...alone, state: "missed" }), at(5))).toBe("missed");
  expect(roomPhase(session({ ...alone, state: "unmatched" }), at(11))).toBe("alone");
  expect(roomPhase(session({ ...alone, state: "waiting" }), at(-5))).toBe("waiting");
  expect(roomPhase(session({ state: "cancelled" }), at(-5))).toBe("cancelled");
  expect(roomPhase(seeking(), at(5))).toBe("seeking");
  // Who joined and lost the partner before the start waits as before, and has not asked.
  expect(roomPhase(seeking(), at(-5))).toBe("waiting");
});

test("the address of a room leads to the own session with that room, and to no other", () => {
  const [one, two] = [session(), session({ id: "s2", pair: "p2" })];
  expect(roomSession([one, two], "p2", null, at(0))).toBe(two);
  expect(roomSession([one, two], "p", null, at(0))).toBe(null);
  expect(roomSession([one, two], "p3", { pairId: "p1", sessionId: "s1" }, at(0))).toBe(null);
});

test("a page follows its session when the pair changes", () => {
  const followed = { pairId: "p1", sessionId: "s1" };
  const moved = session({ pair: "p9" });
  expect(roomSession([moved], "p1", followed, at(4))).toBe(moved);
  expect(roomSession([], "p1", followed, at(4))).toBe(null);
});

test("a former address leads to the own session of now that has lost its partner", () => {
  const missed = session({ pair: null, state: "missed", partner: false });
  expect(roomSession([missed], "p1", null, at(5))).toBe(missed);
  expect(roomSession([seeking()], "p1", null, at(5))?.sessionId).toBe("s1");
  expect(roomSession([seeking(null)], "p1", null, at(-5))).toBe(null);
  expect(roomSession([missed], "p1", null, at(36))).toBe(null);
});

test("from minute 3 to 10 a member whose partner has not come may ask for another one", () => {
  const waiting = session({ own: JOINED });
  expect([-1, 0, 2.9, 3, 9.9, 10].map((minutes) => chanceOf(waiting, at(minutes)))).toEqual([
    "none",
    "later",
    "later",
    "now",
    "now",
    "none",
  ]);
  expect(chanceOf(session({ own: JOINED, partner: JOINED }), at(5))).toBe("none");
  expect(chanceOf(session(), at(5))).toBe("none");
  expect(chanceOf(seeking(), at(5))).toBe("none");
  const alone = (own: string | null) => session({ pair: null, state: "unmatched", own, partner: false });
  expect([2, 3, 10].map((minutes) => chanceOf(alone(JOINED), at(minutes)))).toEqual(["later", "now", "none"]);
  expect(chanceOf(alone(null), at(5))).toBe("none");
});

test("a page enters the room of a new partner by itself only after it asked for one", () => {
  const afterChance = session({ pair: "p2", own: JOINED, partner: JOINED });
  const displaced = session({ pair: "p2", partner: JOINED });
  expect([goesOn(afterChance, true), goesOn(afterChance, false)]).toEqual([true, false]);
  expect([goesOn(displaced, true), goesOn(displaced, false)]).toEqual([false, false]);
});

test("a session is read again while its partner is awaited", () => {
  expect(pauseOf(session({ own: JOINED }), at(1))).toBe(10_000);
  expect(pauseOf(seeking(), at(5))).toBe(10_000);
  expect(pauseOf(session({ own: JOINED, partner: JOINED }), at(1))).toBe(false);
  expect(pauseOf(session(), at(-20))).toBe(false);
});
