import { type Participant, type Session, sessionEnd, startOf } from "./session_state";

/** The instant at which a participant joined, or that this has not happened yet, or did not happen at all. */
export type Presence = Date | "not_yet" | "absent";

/**
 * Return the presence of a participant of a paired session, or null where it has no meaning: before the
 * start without a join, and in a deployment that keeps no attendance.
 */
export function presenceOf(session: Session, participant: Participant, now: Date): Presence | null {
  if (participant.joinedAt) return new Date(participant.joinedAt);
  const [own, partner] = session.users;
  const isKept = !own?.completed || own.joinedAt !== null;
  if (!partner || !isKept || session.state === "cancelled" || now < startOf(session)) return null;
  return now < sessionEnd(session) ? "not_yet" : "absent";
}
