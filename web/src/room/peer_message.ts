/** What a page of a room says to the partner's page, through the service. */
export interface PeerMessage {
  /** The random id of the page that says it. */
  from: string;
  /** The page that it is for. Without it all pages of the partner. */
  to?: string;
  /** When the page entered the room, in milliseconds of the service's clock. The newest page of a member counts. */
  since: number;
  kind: "hello" | "bye" | "replaced" | "description" | "candidates";
  description?: RTCSessionDescriptionInit;
  candidates?: RTCIceCandidateInit[];
  /** With `replaced` the `since` of the newer page. */
  newest?: number;
}

const KINDS: readonly string[] = ["hello", "bye", "replaced", "description", "candidates"];
const TYPES: readonly string[] = ["offer", "answer", "rollback"];

/** Return the message in the data of a signal, or null for what this version does not know. */
export function peerMessage(data: unknown): PeerMessage | null {
  if (!isObject(data)) return null;
  const { from, to, since, kind, description, candidates, newest } = data;
  if (typeof from !== "string" || typeof since !== "number" || typeof kind !== "string") return null;
  if (!KINDS.includes(kind) || (to !== undefined && typeof to !== "string")) return null;
  if (kind === "description" && !isDescription(description)) return null;
  if (kind === "candidates" && !(Array.isArray(candidates) && candidates.every(isObject))) return null;
  if (kind === "replaced" && typeof newest !== "number") return null;
  return data as unknown as PeerMessage;
}

function isDescription(found: unknown): boolean {
  return isObject(found) && TYPES.includes(String(found.type)) && typeof found.sdp === "string";
}

function isObject(found: unknown): found is Record<string, unknown> {
  return typeof found === "object" && found !== null;
}
