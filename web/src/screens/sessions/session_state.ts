import type { Schemas } from "../../api/client";

export type Session = Schemas["Session"];
export type Participant = Schemas["Participant"];

/** The state of a session in the words of the screen. */
export type StateName =
  | "waiting"
  | "matched"
  | "final"
  | "lockedIn"
  | "unmatched"
  | "cancelled"
  | "cancelledLate"
  | "together"
  | "apart"
  | "missed"
  | "seeking";

/** The time after the start from which a member whose partner has not joined may ask for another one (R38). */
export const CHANCE_FROM_MILLISECONDS = 3 * 60_000;
// A cancel within this time before the start is late (R17).
const LATE_MILLISECONDS = 60 * 60_000;

/** Return the partner of a session, or null. */
export function partnerOf(session: Session): Participant | null {
  return session.users[1] ?? null;
}

/** Return the start of a session. */
export function startOf(session: Session): Date {
  return new Date(session.startTime);
}

/** Return the end of a session. */
export function sessionEnd(session: Session): Date {
  return new Date(startOf(session).getTime() + session.duration);
}

/** Return the length of a session in minutes. */
export function minutesOf(session: Session): number {
  return session.duration / 60_000;
}

/** Return the state in the words of the screen. Whether a cancel was late is the service's judgement. */
export function stateOf(session: Session, now: Date): StateName {
  if (session.state === "cancelled") return session.cancelledLate ? "cancelledLate" : "cancelled";
  if (session.state === "unmatched" || session.state === "missed") return session.state;
  if (session.state === "waiting") return waitingState(session, now);
  if (sessionEnd(session) <= now) return session.users[0]?.completed ? "together" : "apart";
  if (session.state === "locked_in") return "lockedIn";
  return session.final ? "final" : "matched";
}

function waitingState(session: Session, now: Date): StateName {
  if (now < startOf(session)) return "waiting";
  return isSeeking(session, now) ? "seeking" : "unmatched";
}

/** Return true for a member who has joined and asked for another partner (R38). */
export function isSeeking(session: Session, now: Date): boolean {
  const mayAsk = now.getTime() >= startOf(session).getTime() + CHANCE_FROM_MILLISECONDS;
  return session.state === "waiting" && Boolean(session.users[0]?.joinedAt) && mayAsk;
}

/** Return true until the start: a session can be cancelled, and its activity can change. */
export function isAhead(session: Session, now: Date): boolean {
  return session.state !== "cancelled" && now < startOf(session);
}

/** Return true within the last hour before the start, by the clock of the browser. */
export function isLate(session: Session, now: Date): boolean {
  return now.getTime() >= startOf(session).getTime() - LATE_MILLISECONDS;
}

/** Return the sessions that have not ended, by start, with those that were just cancelled. */
export function upcoming(listed: readonly Session[], cancelled: readonly Session[], now: Date): Session[] {
  const gone = new Set(cancelled.map(({ sessionId }) => sessionId));
  const active = listed.filter(({ sessionId }) => !gone.has(sessionId));
  return [...active, ...cancelled].filter((session) => sessionEnd(session) > now).sort(byStart);
}

/** Return the sessions that have ended, newest first. */
export function past(listed: readonly Session[], now: Date): Session[] {
  return listed.filter((session) => sessionEnd(session) <= now).sort((one, other) => byStart(other, one));
}

function byStart(one: Session, other: Session): number {
  return startOf(one).getTime() - startOf(other).getTime();
}

/** Return the changes without repeats. A lock that displaces two members and pairs them writes the loss twice. */
export function distinctChanges(changes: Session["changes"]): Session["changes"] {
  return changes.filter(({ kind, at }, n) => kind !== changes[n - 1]?.kind || at !== changes[n - 1]?.at);
}

/** The name of a sentence about what others changed in a session. */
export type ChangeSummary =
  | Schemas["ChangeKind"]
  | "displacedThenMatched"
  | "displacedThenLockedIn"
  | "cancelledThenMatched"
  | "cancelledThenLockedIn";

/** Return the sentence for the latest changes, newest first. A new partner is named with the loss of the one before. */
export function changeSummary(session: Session): ChangeSummary | null {
  const [latest, before] = distinctChanges(session.changes).map(({ kind }) => kind);
  if (!latest) return null;
  // A lock displaces a member and pairs the member again in the same write: the loss is then the last change.
  if (latest === "displaced" && partnerOf(session)) return "displacedThenMatched";
  const isLoss = before === "displaced" || before === "partner_cancelled";
  if (!isLoss || latest === "displaced" || latest === "partner_cancelled") return latest;
  return `${before === "displaced" ? "displaced" : "cancelled"}Then${latest === "matched" ? "Matched" : "LockedIn"}`;
}
