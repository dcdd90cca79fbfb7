import { useEffect, useState } from "preact/hooks";
import type { Schemas } from "../../api/client";
import { pairOf } from "../../api/room_address";
import { type JoinedSession, useJoin } from "../../api/rooms";
import { useRoomClock } from "./room_clock";
import { goesOn, type RoomPhase, roomPhase } from "./room_phase";

/** The entry of a page into the room of a session. */
export interface Entry {
  /** The present instant of the service in milliseconds. */
  now: number;
  phase: RoomPhase;
  /** The member may be in the room now, or is on the way to the next one. */
  isIn: boolean;
  /** What the member has joined by this page, and null outside of the room. */
  joined: JoinedSession | null;
  /** The session has another partner than the one whose room the member had chosen. */
  isParted: boolean;
  join: ReturnType<typeof useJoin>;
  enter: (answer: JoinedSession) => void;
  leave: () => void;
  /** The member asks for another partner, and agrees to meet that one. */
  ask: () => void;
}

/**
 * Return the entry into the room of a session. By itself the page enters only the room that follows its own ask for
 * another partner (R38). Before the camera opens to any other partner the member clicks.
 */
export function useEntry(session: Schemas["Session"]): Entry {
  const [joined, setJoined] = useState<JoinedSession | null>(null);
  const [hasAsked, setAsked] = useState(false);
  const [isParted, setParted] = useState(false);
  const join = useJoin(session.sessionId);
  const now = useRoomClock(joined?.ahead);
  const phase = roomPhase(session, now);
  const isIn = phase === "open" || (phase === "seeking" && joined !== null);
  const pair = pairOf(session);
  useEffect(() => {
    if (!isIn) setJoined(null);
    if (!isIn || !joined || !pair || pairOf(joined.session) === pair) return;
    setAsked(false);
    if (goesOn(session, hasAsked)) {
      // With the devices of before.
      join.mutateAsync().then(setJoined, () => setJoined(null));
      return;
    }
    setJoined(null);
    setParted(true);
  }, [isIn, pair]);
  function enter(answer: JoinedSession) {
    // The partner may have changed since the page showed the name.
    const isOther = pairOf(answer.session) !== pair;
    setParted(isOther);
    setJoined(isOther ? null : answer);
  }
  return { now, phase, isIn, joined, isParted, join, enter, leave: () => setJoined(null), ask: () => setAsked(true) };
}
