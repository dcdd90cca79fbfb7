/** What a member shows of the own side of a room. */
export interface SideState {
  isMuted: boolean;
  hasCamera: boolean;
  isSharing: boolean;
  /** The title of the own session, if its owner shares it in this room (R34). */
  title: string | null;
}

/** What the two pages say to each other. The service sees nothing of it. */
export type RoomMessage = { type: "chat"; text: string } | { type: "state"; state: SideState };

/** The longest line of the chat in characters. */
export const LONGEST_LINE = 2000;
const LONGEST_TITLE = 500;

/** Return the message in a text of the partner's page, or null for what this version does not know. */
export function roomMessage(text: unknown): RoomMessage | null {
  const found = parsed(text);
  if (found?.type === "chat" && typeof found.text === "string" && found.text.trim())
    return { type: "chat", text: found.text.slice(0, LONGEST_LINE) };
  if (found?.type === "state" && isObject(found.state)) {
    const { isMuted, hasCamera, isSharing, title } = found.state;
    const shared = typeof title === "string" && title.trim() ? title.slice(0, LONGEST_TITLE) : null;
    return {
      type: "state",
      state: { isMuted: isMuted === true, hasCamera: hasCamera === true, isSharing: isSharing === true, title: shared },
    };
  }
  return null;
}

function parsed(text: unknown): Record<string, unknown> | null {
  try {
    const found: unknown = JSON.parse(String(text));
    return isObject(found) ? found : null;
  } catch {
    return null;
  }
}

function isObject(found: unknown): found is Record<string, unknown> {
  return typeof found === "object" && found !== null;
}

/** The part of a data channel that a room uses. */
export type Channel = Pick<RTCDataChannel, "readyState" | "send" | "onopen" | "onmessage">;

/** What the channel of a room reports. */
export interface RoomChannelParts {
  onOpen(): void;
  onMessage(message: RoomMessage): void;
}

/** The channel between the two pages of a room. */
export class RoomChannel {
  readonly #channel: Channel;

  constructor(channel: Channel, parts: RoomChannelParts) {
    this.#channel = channel;
    channel.onopen = () => parts.onOpen();
    channel.onmessage = ({ data }) => {
      const message = roomMessage(data);
      if (message) parts.onMessage(message);
    };
    if (channel.readyState === "open") parts.onOpen();
  }

  /** Send a message, and return false where the channel is not open. */
  send(message: RoomMessage): boolean {
    if (this.#channel.readyState !== "open") return false;
    this.#channel.send(JSON.stringify(message));
    return true;
  }
}
