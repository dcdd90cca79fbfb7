import type { Schemas } from "../../api/client";

type Session = Pick<Schemas["Session"], "repeatId" | "startTime" | "state">;

/** Return the sessions ahead that a repeat has booked, by start. */
export function nextSessions<Own extends Session>(sessions: readonly Own[], repeatId: string, now: Date): Own[] {
  const isNext = (session: Own) =>
    session.repeatId === repeatId && session.state !== "cancelled" && new Date(session.startTime) > now;
  return sessions.filter(isNext).sort((one, other) => Date.parse(one.startTime) - Date.parse(other.startTime));
}
