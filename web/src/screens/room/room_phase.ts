import type { Schemas } from "../../api/client";
import { pairOf } from "../../api/room_address";
import { CHANCE_FROM_MILLISECONDS, isSeeking } from "../sessions/session_state";

type Session = Schemas["Session"];

/** What a room's page shows to its member. */
export type RoomPhase = "early" | "open" | "closed" | "waiting" | "seeking" | "missed" | "alone" | "cancelled";

const MINUTE = 60_000;
const OPENS_MILLISECONDS = 10 * MINUTE;
const CLOSES_MILLISECONDS = 10 * MINUTE;
const CHANCE_UNTIL_MILLISECONDS = 10 * MINUTE;

/** The times of a room in milliseconds (R38, R41). */
export interface RoomTimes {
  opens: number;
  start: number;
  chanceFrom: number;
  chanceUntil: number;
  end: number;
  closes: number;
}

/** Return the times of a session's room. */
export function roomTimes({ startTime, duration }: Pick<Session, "startTime" | "duration">): RoomTimes {
  const start = new Date(startTime).getTime();
  const end = start + duration;
  return {
    opens: start - OPENS_MILLISECONDS,
    start,
    chanceFrom: start + CHANCE_FROM_MILLISECONDS,
    chanceUntil: start + CHANCE_UNTIL_MILLISECONDS,
    end,
    closes: end + CLOSES_MILLISECONDS,
  };
}

/** The own session that an address of a room led to. It stays the same when its pair changes. */
export interface Followed {
  pairId: string;
  sessionId: string;
}

/**
 * Return the own session of a room's address, or null. Without one in that room it is the session that the page follows,
 * or the own session of now that has lost its partner.
 */
export function roomSession(
  sessions: readonly Session[],
  pairId: string,
  followed: Followed | null,
  now: number,
): Session | null {
  const found = sessions.find((session) => pairOf(session) === pairId);
  if (found) return found;
  if (followed?.pairId === pairId) return sessions.find(({ sessionId }) => sessionId === followed.sessionId) ?? null;
  return sessions.find((session) => hasLostPartner(session, now) && isNow(session, now)) ?? null;
}

function hasLostPartner(session: Session, now: number): boolean {
  return session.state === "missed" || isSeeking(session, new Date(now)) || isLeftAlone(session);
}

function isNow(session: Session, now: number): boolean {
  const { start, closes } = roomTimes(session);
  return start <= now && now < closes;
}

/** Return true for a member who has joined, lost the partner before the start and got no other one (R38). */
function isLeftAlone({ state, users: [own] }: Session): boolean {
  return state === "unmatched" && Boolean(own?.joinedAt);
}

/** Return what the page of a session's room shows at an instant. */
export function roomPhase(session: Session, now: number): RoomPhase {
  const { opens, end, closes } = roomTimes(session);
  if (session.state === "missed" || session.state === "cancelled") return session.state;
  if (now >= closes) return "closed";
  if (session.state === "unmatched") return "alone";
  if (isSeeking(session, new Date(now))) return "seeking";
  if (!session.users[1]) return "waiting";
  if (now < opens) return "early";
  // After the end only those come back who were there.
  return now >= end && !session.users[0]?.joinedAt ? "closed" : "open";
}

/** Return true if a page in a room goes on to that of another partner by itself: after a second chance only (R38). */
export function goesOn({ users: [own] }: Session, hasAsked: boolean): boolean {
  // Who lost the partner in another way has not joined the session with the new one.
  return hasAsked && Boolean(own?.joinedAt);
}

/** When a member may ask for another partner. */
export type Chance = "none" | "later" | "now";

/** Return whether the member may ask for another partner, because this one has not come or was lost (R38). */
export function chanceOf(session: Session, now: number): Chance {
  const { start, chanceFrom, chanceUntil } = roomTimes(session);
  const [own, partner] = session.users;
  const hasNone = partner ? Boolean(partner.joinedAt) : !isLeftAlone(session);
  if (!own?.joinedAt || hasNone || now < start || now >= chanceUntil) return "none";
  return now < chanceFrom ? "later" : "now";
}

const PAUSE_MILLISECONDS = 10_000;

/** Return after how many milliseconds to read a session again: while its partner is awaited, or another one. */
export function pauseOf(session: Session, now: number): number | false {
  const phase = roomPhase(session, now);
  const isAwaited = phase === "open" && !session.users[1]?.joinedAt;
  return isAwaited || phase === "seeking" || phase === "waiting" ? PAUSE_MILLISECONDS : false;
}
