import { type PeerMessage, peerMessage } from "./peer_message";

/** A page in a room. */
export interface Peer {
  id: string;
  /** When it entered, in milliseconds of the service's clock. */
  since: number;
}

/** The content of a message. The signalling adds who says it to which page. */
export type PeerContent = Omit<PeerMessage, "from" | "to" | "since">;

/** What the signalling of a page needs, and what it reports. */
export interface SignallingParts {
  own: Peer;
  send(message: PeerMessage): void;
  /** Another page of the partner is there from now on, or none. */
  onPartner(partner: Peer | null): void;
  /** The partner's page may have missed messages of this page. */
  onResume(): void;
  onContent(content: PeerContent): void;
  /** A newer page of the same member has taken the place of this one. */
  onReplaced(newest: number): void;
}

/** The signalling between the newest pages of the two members of a room. */
export class Signalling {
  readonly #parts: SignallingParts;
  // Pages of the partner that have left.
  readonly #gone = new Set<string>();
  #partner: Peer | null = null;

  constructor(parts: SignallingParts) {
    this.#parts = parts;
  }

  /** Say to all pages of the partner that this page is there. */
  announce(): void {
    this.#send({ kind: "hello" });
  }

  /** Send content to the page of the partner, if there is one. */
  send(content: PeerContent): void {
    if (this.#partner) this.#send(content, this.#partner.id);
  }

  /** Say to the partner that this page leaves. */
  leave(): void {
    this.#send({ kind: "bye" });
  }

  /** Use the data of a signal. */
  receive(data: unknown): void {
    const message = peerMessage(data);
    const { own } = this.#parts;
    if (!message || message.from === own.id || (message.to !== undefined && message.to !== own.id)) return;
    if (message.kind === "replaced") this.#replace(message);
    else if (message.kind === "bye") this.#part(message.from);
    else if (!this.#gone.has(message.from)) this.#use(message);
  }

  #use(message: PeerMessage): void {
    const isKnown = this.#partner?.id === message.from;
    if (!isKnown && !this.#adopt({ id: message.from, since: message.since })) return;
    if (message.kind !== "hello") {
      const { from: _from, to: _to, since: _since, ...content } = message;
      this.#parts.onContent(content);
    } else if (message.to === undefined) {
      this.#send({ kind: "hello" }, message.from);
      if (isKnown) this.#parts.onResume();
    }
  }

  /** Return true for the newest page of the partner, which is the partner from now on. The others learn of it. */
  #adopt(found: Peer): boolean {
    const before = this.#partner;
    if (before && isNewer(before, found)) {
      this.#send({ kind: "replaced", newest: before.since }, found.id);
      return false;
    }
    if (before) this.#send({ kind: "replaced", newest: found.since }, before.id);
    this.#partner = found;
    this.#parts.onPartner(found);
    return true;
  }

  #replace({ newest = 0 }: PeerMessage): void {
    if (newest >= this.#parts.own.since) this.#parts.onReplaced(newest);
  }

  #part(id: string): void {
    this.#gone.add(id);
    if (this.#partner?.id !== id) return;
    this.#partner = null;
    this.#parts.onPartner(null);
  }

  #send(content: PeerContent, to?: string): void {
    const { id, since } = this.#parts.own;
    this.#parts.send({ ...content, from: id, since, ...(to !== undefined && { to }) });
  }
}

/** Return true for a page that entered later than another one. */
export function isNewer(one: Peer, other: Peer): boolean {
  return one.since === other.since ? one.id > other.id : one.since > other.since;
}
