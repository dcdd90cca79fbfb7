import type { Schemas } from "../api/client";
import { isolated } from "../i18n/language";

export type LiveEvent = Schemas["AnnouncedEvent"];
type Session = Schemas["Session"];

/** What an event changes on the page: the views to fetch again, and a message of the catalog. */
export interface EventEffect {
  views: readonly string[];
  message: { name: MessageName; partner: string } | null;
}

/** The name of a message about an event. */
export type MessageName =
  | "matched"
  | "matchedAfterDisplaced"
  | "matchedAfterCancel"
  | "matchedAfterStart"
  | "lockedIn"
  | "displaced"
  | "partnerCancelled"
  | "starting"
  | "startingAlone"
  | "unmatched"
  | "missed"
  | "favoriteAvailable";

const OWN_VIEWS = ["sessions", "session", "calendar"];
const ALL_VIEWS = [...OWN_VIEWS, "availability", "favorites-availability"];

/** Return the effect of an event. The member's own bookings, cancels and changes have no message. */
export function effectOf(event: LiveEvent, now: Date): EventEffect {
  const { type, data } = event;
  if (type === "favorite.available") {
    const views = ["calendar", "availability", "favorites-availability"];
    return { views, message: isAhead(event, now) ? favoriteMessage(event) : null };
  }
  const views = type === "session.changed" || type === "session.starting" ? OWN_VIEWS : ALL_VIEWS;
  const session = data.session ?? null;
  const isShown = session !== null && session.state !== "cancelled" && (isAhead(event, now) || isNewsLater(event, now));
  const name = isShown ? messageOf(event, session) : null;
  return { views, message: name && { name, partner: isolated(partnerOf(session)?.name ?? "") } };
}

function messageOf(event: LiveEvent, session: Session | null): MessageName | null {
  const partner = partnerOf(session);
  switch (event.type) {
    case "session.matched":
      return partner ? matchedMessage(event, session) : null;
    case "session.locked_in":
      return session?.locked ? "lockedIn" : null;
    // A loss whose session has a partner again has a later event, which names both.
    case "session.displaced":
      return partner ? null : "displaced";
    case "session.partner_cancelled":
      return partner ? null : "partnerCancelled";
    case "session.starting":
      return partner ? "starting" : "startingAlone";
    case "session.unmatched":
      return session?.state === "unmatched" ? "unmatched" : null;
    case "session.missed":
      return session?.state === "missed" ? "missed" : null;
    default:
      return null;
  }
}

function matchedMessage(event: LiveEvent, session: Session | null): MessageName {
  if (isAfterStart(event)) return "matchedAfterStart";
  const [latest, before] = session?.changes ?? [];
  // A lock displaces a member and pairs the member again in the same write: the loss is then the last change.
  if (latest?.kind === "displaced") return "matchedAfterDisplaced";
  if (latest?.kind !== "matched") return "matched";
  if (before?.kind === "displaced") return "matchedAfterDisplaced";
  return before?.kind === "partner_cancelled" ? "matchedAfterCancel" : "matched";
}

function favoriteMessage({ data }: LiveEvent): EventEffect["message"] {
  return data.favorite ? { name: "favoriteAvailable", partner: isolated(data.favorite.name) } : null;
}

function partnerOf(session: Session | null): Schemas["Participant"] | null {
  return session?.users[1] ?? null;
}

/** Return true for an event that is also news after the start, such as another partner by a second chance (R38). */
function isNewsLater(event: LiveEvent, now: Date): boolean {
  const { type, data } = event;
  const end = Date.parse(data.startTime) + data.duration;
  if (type === "session.matched") return isAfterStart(event) && now.getTime() < end;
  return type === "session.unmatched" || type === "session.missed";
}

/** Return true for an event that happened from the start of its session on. */
function isAfterStart({ timestamp, data }: LiveEvent): boolean {
  return new Date(timestamp) >= new Date(data.startTime);
}

function isAhead({ data }: LiveEvent, now: Date): boolean {
  return now < new Date(data.startTime);
}
