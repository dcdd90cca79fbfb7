import type { PeerContent } from "./signalling";

/** The part of a peer connection that a negotiation uses. */
export type Negotiated = Pick<
  RTCPeerConnection,
  | "signalingState"
  | "localDescription"
  | "remoteDescription"
  | "setLocalDescription"
  | "setRemoteDescription"
  | "addIceCandidate"
  | "restartIce"
  | "onnegotiationneeded"
  | "onicecandidate"
>;

/** What a negotiation needs. Of two pages that offer at the same time the polite one gives way. */
export interface NegotiationParts {
  connection: Negotiated;
  isPolite: boolean;
  send(content: PeerContent): void;
}

// Candidates within this time are one signal, because the service limits the signals of a minute.
const GATHER_MILLISECONDS = 50;
const MOST_EARLY = 100;

/** The perfect negotiation of the WebRTC specification, for signals that may be lost or arrive in another order. */
export class Negotiation {
  readonly #parts: NegotiationParts;
  #isOffering = false;
  #ignoresOffer = false;
  #work: Promise<void> = Promise.resolve();
  // Candidates of a description that has not arrived yet.
  #early: RTCIceCandidateInit[] = [];
  #found: RTCIceCandidateInit[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: NegotiationParts) {
    this.#parts = parts;
    const { connection } = parts;
    connection.onnegotiationneeded = () => this.#offer();
    connection.onicecandidate = ({ candidate }) => this.#gather(candidate);
  }

  /** Use a description or candidates of the partner, in the order of the calls. */
  receive({ description, candidates }: PeerContent): Promise<void> {
    this.#work = this.#work.then(async () => {
      // A message that does not fit is lost. The next attempt to connect repeats what was needed.
      if (description) await this.#describe(description).catch(() => undefined);
      for (const candidate of candidates ?? []) await this.#add(candidate);
    });
    return this.#work;
  }

  /** Repeat what may have been lost: the offer without an answer, or a new one on new ways through the network. */
  resume(): void {
    const { connection } = this.#parts;
    if (connection.signalingState === "have-local-offer") this.#sendDescription();
    else if (connection.signalingState === "stable") connection.restartIce();
  }

  /** Send nothing from now on. */
  stop(): void {
    clearTimeout(this.#timer);
    const { connection } = this.#parts;
    connection.onnegotiationneeded = null;
    connection.onicecandidate = null;
  }

  async #offer(): Promise<void> {
    try {
      this.#isOffering = true;
      await this.#parts.connection.setLocalDescription();
      this.#sendDescription();
    } catch {
      // The connection was closed, or the partner's offer came first.
    } finally {
      this.#isOffering = false;
    }
  }

  async #describe(description: RTCSessionDescriptionInit): Promise<void> {
    const { connection, isPolite } = this.#parts;
    const isOffer = description.type === "offer";
    if (!isOffer && connection.signalingState !== "have-local-offer") return;
    const collides = isOffer && (this.#isOffering || connection.signalingState !== "stable");
    this.#ignoresOffer = !isPolite && collides;
    if (this.#ignoresOffer) return;
    await connection.setRemoteDescription(description);
    const early = this.#early;
    this.#early = [];
    for (const candidate of early) await this.#add(candidate);
    if (!isOffer) return;
    await connection.setLocalDescription();
    this.#sendDescription();
  }

  async #add(candidate: RTCIceCandidateInit): Promise<void> {
    const { connection } = this.#parts;
    if (!belongsTo(candidate, connection.remoteDescription?.sdp)) {
      this.#early = [...this.#early, candidate].slice(-MOST_EARLY);
      return;
    }
    // A candidate of an offer that was ignored is of no use.
    await connection.addIceCandidate(candidate).catch(() => undefined);
  }

  #sendDescription(): void {
    const { localDescription } = this.#parts.connection;
    if (!localDescription) return;
    const { type, sdp } = localDescription;
    this.#parts.send({ kind: "description", description: { type, sdp } });
  }

  #gather(candidate: RTCIceCandidate | null): void {
    if (!candidate) return;
    this.#found.push(candidate.toJSON());
    if (this.#found.length === 1) this.#timer = setTimeout(() => this.#sendCandidates(), GATHER_MILLISECONDS);
  }

  #sendCandidates(): void {
    const candidates = this.#found;
    this.#found = [];
    this.#parts.send({ kind: "candidates", candidates });
  }
}

/** Return true for a candidate of the description. Each restart has a new name fragment. */
export function belongsTo({ usernameFragment }: RTCIceCandidateInit, sdp: string | undefined): boolean {
  if (!sdp) return false;
  return !usernameFragment || sdp.split(/\r?\n/).includes(`a=ice-ufrag:${usernameFragment}`);
}
