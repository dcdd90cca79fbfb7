import type { Schemas } from "../../api/client";
import { partnerName } from "../../parts/former_member";

type Session = Pick<Schemas["Session"], "startTime" | "state" | "changes" | "users">;

/** The member that a report of a session is about. An earlier partner has no id and no name in the session. */
export interface ReportedPartner {
  userId: string | null;
  name: string | null;
}

// The time before the start at which the room opens. There the two can meet (R41).
const ROOM_OPENS_MILLISECONDS = 10 * 60_000;

/**
 * Return the member that the caller can report for a session, or null. It is the partner, from the time at which the room
 * opens. Without a partner it is the last one who cancelled, or who had not come when the caller asked for another (R47).
 */
export function reportedPartner(session: Session, now: Date): ReportedPartner | null {
  const { startTime, state, changes, users } = session;
  const opens = new Date(startTime).getTime() - ROOM_OPENS_MILLISECONDS;
  if (state === "cancelled" || now.getTime() < opens) return null;
  const partner = users[1];
  if (partner) return { userId: partner.userId, name: partnerName(partner) ?? "" };
  const isLost = changes.some(({ kind }) => kind === "partner_cancelled") || hasAsked(session, now);
  return isLost ? { userId: null, name: null } : null;
}

/** Return true for a member who has joined and has no partner after the start: another one was asked for (R38). */
function hasAsked({ startTime, state, users: [own] }: Session, now: Date): boolean {
  return Boolean(own?.joinedAt) && ["waiting", "unmatched"].includes(state) && now >= new Date(startTime);
}

/**
 * Return true while a report of the session is about the partner of the time when its dialog opened. A partner who has cancelled
 * since then is the one who cancelled last.
 */
export function isStillAbout(opened: ReportedPartner, session: Session, now: Date): boolean {
  const present = reportedPartner(session, now);
  if (!present) return false;
  return present.userId === opened.userId || (!present.userId && session.changes[0]?.kind === "partner_cancelled");
}
