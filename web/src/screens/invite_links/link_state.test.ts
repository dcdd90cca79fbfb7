import { expect, test } from "vitest";
import { linkState, sessionsToOffer, usesOf } from "./link_state";

const now = new Date("2026-12-01T09:00:00Z");
const open = { sessionId: null, expiresAt: null, maxUses: null, uses: 0 };
const session = { sessionId: "s", startTime: "2026-12-02T09:00:00+00:00", state: "waiting" as const };

test("a link says why it cannot be used", () => {
  expect(linkState(open, [], now)).toBe("usable");
  expect(linkState({ ...open, expiresAt: "2026-12-01T09:00:00+00:00" }, [], now)).toBe("expired");
  expect(linkState({ ...open, expiresAt: "2026-12-01T09:00:01+00:00" }, [], now)).toBe("usable");
  expect(linkState({ ...open, maxUses: 2, uses: 2 }, [], now)).toBe("used_up");
  expect(linkState({ ...open, maxUses: 2, uses: 1 }, [], now)).toBe("usable");
});

test("a link for one session follows that session", () => {
  const link = { ...open, sessionId: "s" };
  expect(linkState(link, [session], now)).toBe("usable");
  expect(linkState(link, [{ ...session, state: "locked_in" }], now)).toBe("locked_in");
  expect(linkState(link, [{ ...session, startTime: "2026-12-01T09:00:00+00:00" }], now)).toBe("past");
  // A cancelled session is not listed.
  expect(linkState(link, [], now)).toBe("past");
});

test("only sessions ahead without a lock are offered, the next one first", () => {
  const later = { ...session, sessionId: "t", startTime: "2026-12-03T09:00:00+00:00", state: "matched" as const };
  const locked = { ...session, sessionId: "u", state: "locked_in" as const };
  const begun = { ...session, sessionId: "v", startTime: "2026-12-01T09:00:00+00:00" };
  expect(sessionsToOffer([later, locked, begun, session], now)).toEqual([session, later]);
});

test("an unreadable number of uses is no unlimited link", () => {
  expect([" 3 ", "", "0", "-1", "2.5", "many", "1e3"].map(usesOf)).toEqual([
    3,
    null,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
