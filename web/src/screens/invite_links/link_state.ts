import type { Schemas } from "../../api/client";

type InviteLink = Pick<Schemas["InviteLink"], "sessionId" | "expiresAt" | "maxUses" | "uses">;
type Session = Pick<Schemas["Session"], "sessionId" | "startTime" | "state">;

/** What a link can still do. `locked_in` and `past` are states of its only session. */
export type LinkState = "usable" | "expired" | "used_up" | "locked_in" | "past";

/** Return the state of a link. `sessions` are the member's own ones from now on. */
export function linkState(link: InviteLink, sessions: readonly Session[], now: Date): LinkState {
  if (link.expiresAt !== null && new Date(link.expiresAt) <= now) return "expired";
  if (link.maxUses !== null && link.uses >= link.maxUses) return "used_up";
  if (link.sessionId === null) return "usable";
  const session = sessions.find(({ sessionId }) => sessionId === link.sessionId);
  if (!session || new Date(session.startTime) <= now) return "past";
  return session.state === "locked_in" ? "locked_in" : "usable";
}

/** Return the sessions for which a link can be made, by start. A locked-in session has its partner already. */
export function sessionsToOffer<Own extends Session>(sessions: readonly Own[], now: Date): Own[] {
  const isOpen = ({ state, startTime }: Own) => ["waiting", "matched"].includes(state) && new Date(startTime) > now;
  return sessions.filter(isOpen).toSorted((one, other) => one.startTime.localeCompare(other.startTime));
}

/** Return the number of uses that a text means, null for an empty text, or undefined for any other text. */
export function usesOf(text: string): number | null | undefined {
  const digits = text.trim();
  if (digits === "") return null;
  return /^\d{1,9}$/.test(digits) && Number(digits) > 0 ? Number(digits) : undefined;
}
