import type { Schemas } from "./client";

/** Return the id of the pair in the address of a session's room, or null while it has none. */
export function pairOf({ roomUrl }: Pick<Schemas["Session"], "roomUrl">): string | null {
  return roomUrl ? roomUrl.slice(roomUrl.lastIndexOf("/") + 1) : null;
}

/** Return the path of a room in this app. */
export function roomPath(pairId: string): string {
  return `/rooms/${encodeURIComponent(pairId)}`;
}
