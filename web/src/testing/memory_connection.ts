import type { Negotiated } from "../room/negotiation";

/** A peer connection of a test: the state machine of descriptions, without a network. */
export class MemoryConnection implements Negotiated {
  signalingState: RTCSignalingState = "stable";
  localDescription: RTCSessionDescription | null = null;
  remoteDescription: RTCSessionDescription | null = null;
  onnegotiationneeded: ((event: Event) => void) | null = null;
  onicecandidate: ((event: RTCPeerConnectionIceEvent) => void) | null = null;
  /** The candidates of the partner that belong to the present description. */
  readonly added: string[] = [];
  restarts = 0;
  #attempts = 0;
  #stable: [RTCSessionDescription | null, RTCSessionDescription | null] = [null, null];

  constructor(readonly name: string) {}

  /** Return true once both descriptions of one exchange are in place. */
  get isAgreed(): boolean {
    return this.signalingState === "stable" && this.localDescription !== null && this.remoteDescription !== null;
  }

  async setLocalDescription(): Promise<void> {
    const isAnswer = this.signalingState === "have-remote-offer";
    this.#attempts += 1;
    const fragment = `${this.name}${this.#attempts}`;
    await null;
    if (isAnswer !== (this.signalingState === "have-remote-offer")) throw new Error("InvalidStateError");
    this.localDescription = described(isAnswer ? "answer" : "offer", fragment);
    this.#move(isAnswer ? "stable" : "have-local-offer");
  }

  async setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    await null;
    const isOffer = description.type === "offer";
    if (!isOffer && this.signalingState !== "have-local-offer") throw new Error("InvalidStateError");
    if (isOffer && this.signalingState === "have-local-offer")
      [this.localDescription, this.remoteDescription] = this.#stable;
    this.remoteDescription = description as RTCSessionDescription;
    this.#move(isOffer ? "have-remote-offer" : "stable");
  }

  async addIceCandidate(candidate?: RTCIceCandidateInit | null): Promise<void> {
    if (!this.remoteDescription?.sdp.includes(`a=ice-ufrag:${candidate?.usernameFragment}\n`))
      throw new Error("OperationError");
    this.added.push(candidate?.candidate ?? "");
  }

  restartIce(): void {
    this.restarts += 1;
    this.onnegotiationneeded?.(new Event("negotiationneeded"));
  }

  /** Find a candidate of the own network. */
  find(candidate: string): void {
    const fragment = this.localDescription?.sdp.match(/ice-ufrag:(\w+)/)?.[1] ?? "";
    const init = { candidate, usernameFragment: fragment };
    this.onicecandidate?.({ candidate: { ...init, toJSON: () => init } } as unknown as RTCPeerConnectionIceEvent);
  }

  #move(state: RTCSignalingState): void {
    this.signalingState = state;
    if (state === "stable") this.#stable = [this.localDescription, this.remoteDescription];
  }
}

function described(type: RTCSdpType, fragment: string): RTCSessionDescription {
  const sdp = `v=0\na=ice-ufrag:${fragment}\n`;
  return { type, sdp, toJSON: () => ({ type, sdp }) };
}
