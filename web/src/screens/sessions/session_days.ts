import { dayKey, type TimeStyle } from "../../time/formats";
import { type Session, startOf } from "./session_state";

/** The sessions that start on one day of the zone. */
export interface SessionDay {
  key: string;
  start: Date;
  sessions: Session[];
}

/** Return the sessions by the day of their start, in the order of the list. */
export function sessionDays(sessions: readonly Session[], style: TimeStyle): SessionDay[] {
  const days = new Map<string, SessionDay>();
  for (const session of sessions) {
    const key = dayKey(startOf(session), style);
    const day = days.get(key) ?? { key, start: startOf(session), sessions: [] };
    day.sessions.push(session);
    days.set(key, day);
  }
  return [...days.values()];
}
