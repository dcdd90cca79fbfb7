import { effect } from "@preact/signals";
import { RoomChannel, type RoomChannelParts } from "./data_channel";
import type { RoomMedia } from "./media";
import { Negotiation } from "./negotiation";
import type { PeerContent } from "./signalling";

/** What a link needs, and what it reports. */
export interface PeerLinkParts {
  configuration: RTCConfiguration;
  /** Of the two pages the one that does not begin. */
  isPolite: boolean;
  media: RoomMedia;
  send(content: PeerContent): void;
  onTrack(track: MediaStreamTrack): void;
  onState(state: RTCPeerConnectionState): void;
  channel: RoomChannelParts;
}

// A way through the network that is quiet for a moment often comes back by itself.
const PATIENCE_MILLISECONDS = 2000;
// An attempt to connect may need this long, and its signals can be lost.
const RETRY_MILLISECONDS = 8000;

/** The connection of this page to one page of the partner, made again by itself when it is lost. */
export class PeerLink {
  readonly #connection: RTCPeerConnection;
  readonly #negotiation: Negotiation;
  readonly #parts: PeerLinkParts;
  readonly #ends: (() => void)[] = [];
  // Sound and picture of one stream stay together at the partner.
  readonly #stream = new MediaStream();
  #channel: RoomChannel | null = null;
  #patience: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: PeerLinkParts) {
    this.#parts = parts;
    this.#connection = new RTCPeerConnection(parts.configuration);
    const connection = this.#connection;
    this.#negotiation = new Negotiation({ connection, isPolite: parts.isPolite, send: parts.send });
    connection.ontrack = ({ track, transceiver }) => {
      if (parts.isPolite) this.#answer(transceiver);
      parts.onTrack(track);
    };
    connection.ondatachannel = ({ channel }) => this.#useChannel(channel);
    connection.onconnectionstatechange = () => this.#follow(connection.connectionState);
    if (!parts.isPolite) this.#begin();
    const retry = setInterval(() => connection.connectionState !== "connected" && this.resume(), RETRY_MILLISECONDS);
    this.#ends.push(() => clearInterval(retry));
  }

  /** The channel of the two pages, once it is there. */
  get channel(): RoomChannel | null {
    return this.#channel;
  }

  /** Use a description or candidates of the partner. */
  receive(content: PeerContent): void {
    this.#negotiation.receive(content);
  }

  /** Repeat signals that may have been lost, unless the connection works. Only one of the two pages restarts it. */
  resume(): void {
    const { connectionState, signalingState } = this.#connection;
    if (connectionState === "connected") return;
    // If both pages restarted at once, one would roll back, after which Chromium may show no frames any more.
    if (this.#parts.isPolite && signalingState === "stable") return;
    this.#negotiation.resume();
  }

  /** Look for other ways through the network, after that of this page has changed. The polite page lets the other one. */
  restart(): void {
    if (!this.#parts.isPolite) this.#negotiation.resume();
  }

  close(): void {
    clearTimeout(this.#patience);
    for (const end of this.#ends) end();
    this.#negotiation.stop();
    this.#connection.onconnectionstatechange = null;
    this.#connection.close();
  }

  /** Offer sound, a picture and the channel. Without a device they are sent later, with no other offer. */
  #begin(): void {
    for (const kind of ["audio", "video"] as const)
      this.#send(this.#connection.addTransceiver(kind, { direction: "sendrecv", streams: [this.#stream] }));
    this.#useChannel(this.#connection.createDataChannel("room"));
  }

  /** Send back what the partner offered. */
  #answer(transceiver: RTCRtpTransceiver): void {
    transceiver.direction = "sendrecv";
    // Older browsers send it all the same, in no stream.
    transceiver.sender.setStreams?.(this.#stream);
    this.#send(transceiver);
  }

  /** Send the sound or the picture of this page from now on, whichever device it comes from. */
  #send(transceiver: RTCRtpTransceiver): void {
    const { microphone, picture } = this.#parts.media;
    const source = transceiver.receiver.track.kind === "audio" ? microphone.track : picture;
    this.#ends.push(
      effect(() => {
        transceiver.sender.replaceTrack(source.value).catch(() => undefined);
      }),
    );
  }

  #useChannel(channel: RTCDataChannel): void {
    this.#channel = new RoomChannel(channel, this.#parts.channel);
  }

  #follow(state: RTCPeerConnectionState): void {
    clearTimeout(this.#patience);
    if (state === "failed") this.resume();
    if (state === "disconnected") this.#patience = setTimeout(() => this.resume(), PATIENCE_MILLISECONDS);
    this.#parts.onState(state);
  }
}
