import { effect, signal, untracked } from "@preact/signals";
import type { SignalLine } from "../live/signal_line";
import type { RoomMessage, SideState } from "./data_channel";
import type { RoomMedia } from "./media";
import { PeerLink } from "./peer_link";
import { type Peer, Signalling } from "./signalling";

/** How the two are connected. `left`: the partner was there and has gone. */
export type CallState = "alone" | "left" | "connecting" | "connected" | "interrupted" | "replaced";

/** A line of the chat. It is in the two pages only. */
export interface ChatLine {
  id: number;
  isOwn: boolean;
  text: string;
}

/** What a call needs. */
export interface CallParts {
  sessionId: string;
  configuration: RTCConfiguration;
  media: RoomMedia;
  line: SignalLine;
  /** The present instant of the service in milliseconds. */
  since: number;
}

/** The call of this page in a room, from its entry until it leaves. */
export class Call {
  readonly state = signal<CallState>("alone");
  readonly sound = signal<MediaStreamTrack | null>(null);
  readonly picture = signal<MediaStreamTrack | null>(null);
  readonly partner = signal<SideState | null>(null);
  readonly chat = signal<readonly ChatLine[]>([]);
  /** The title of the own session, which the partner sees only while it is shared. */
  readonly title = signal<string | null>(null);
  readonly sharesTitle = signal(false);
  /** When the page that took the place of this one entered. */
  newest = 0;
  readonly #parts: CallParts;
  readonly #own: Peer;
  readonly #signalling: Signalling;
  readonly #ends: (() => void)[] = [];
  #link: PeerLink | null = null;
  #lines = 0;

  constructor(parts: CallParts) {
    this.#parts = parts;
    const { sessionId, line } = parts;
    this.#own = { id: crypto.randomUUID(), since: parts.since };
    this.#signalling = new Signalling({
      own: this.#own,
      send: (message) => line.send(sessionId, message),
      onPartner: (partner) => this.#meet(partner),
      onResume: () => this.#link?.resume(),
      onContent: (content) => this.#link?.receive(content),
      onReplaced: (newest) => this.#replace(newest),
    });
    this.#ends.push(line.listen(sessionId, (data) => this.#signalling.receive(data)));
    this.#watch();
  }

  /** Send a line to the partner, and return false where it cannot be sent now. */
  write(text: string): boolean {
    const isSent = this.#link?.channel?.send({ type: "chat", text }) ?? false;
    if (isSent) this.#addLine(text, true);
    return isSent;
  }

  /** Say hello again, because the partner is there and has not answered. */
  announce(): void {
    this.#signalling.announce();
  }

  /** Leave the room. The devices go on, for another call. */
  leave(): void {
    if (this.state.value !== "replaced") this.#signalling.leave();
    this.#end();
  }

  #watch(): void {
    const { line } = this.#parts;
    this.#ends.push(
      effect(() => {
        // A connection that was lost may have lost signals, too.
        if (line.isOpen.value) untracked(() => this.#greet());
      }),
      effect(() => this.#sendState(this.#sideState())),
    );
    const restart = () => this.#link?.restart();
    const leave = () => this.#signalling.leave();
    addEventListener("online", restart);
    addEventListener("pagehide", leave);
    this.#ends.push(() => removeEventListener("online", restart));
    this.#ends.push(() => removeEventListener("pagehide", leave));
    this.#watchOwnPages();
  }

  /** Give way to a newer page of the same browser, which needs no partner for that. */
  #watchOwnPages(): void {
    const pages = new BroadcastChannel(`room ${this.#parts.sessionId}`);
    pages.onmessage = ({ data }) => {
      const since = Number(data);
      if (since > this.#own.since) this.#replace(since);
    };
    pages.postMessage(this.#own.since);
    this.#ends.push(() => pages.close());
  }

  #greet(): void {
    this.#signalling.announce();
    this.#link?.resume();
  }

  #sideState(): SideState {
    const { media } = this.#parts;
    return {
      isMuted: media.isMuted.value || media.microphone.track.value === null,
      hasCamera: media.camera.track.value !== null,
      isSharing: media.screen.value !== null,
      title: this.sharesTitle.value ? this.title.value : null,
    };
  }

  #sendState(state: SideState): void {
    this.#link?.channel?.send({ type: "state", state });
  }

  #meet(partner: Peer | null): void {
    this.#forget();
    if (!partner) {
      this.state.value = "left";
      return;
    }
    this.state.value = "connecting";
    const { configuration, media } = this.#parts;
    this.#link = new PeerLink({
      configuration,
      media,
      isPolite: this.#own.id < partner.id,
      send: (content) => this.#signalling.send(content),
      onTrack: (track) => {
        (track.kind === "audio" ? this.sound : this.picture).value = track;
      },
      onState: (state) => this.#follow(state),
      channel: {
        onOpen: () => this.#sendState(this.#sideState()),
        onMessage: (message) => this.#hear(message),
      },
    });
  }

  #follow(state: RTCPeerConnectionState): void {
    if (state === "connected") this.state.value = "connected";
    else if (state === "disconnected" || state === "failed") this.state.value = "interrupted";
  }

  #hear(message: RoomMessage): void {
    if (message.type === "chat") this.#addLine(message.text, false);
    else this.partner.value = message.state;
  }

  #addLine(text: string, isOwn: boolean): void {
    this.#lines += 1;
    this.chat.value = [...this.chat.value, { id: this.#lines, isOwn, text }];
  }

  #replace(newest: number): void {
    this.newest = newest;
    this.#end();
    this.#parts.media.stop();
    this.state.value = "replaced";
  }

  #forget(): void {
    this.#link?.close();
    this.#link = null;
    this.sound.value = null;
    this.picture.value = null;
    this.partner.value = null;
  }

  #end(): void {
    for (const end of this.#ends.splice(0)) end();
    this.#forget();
  }
}
