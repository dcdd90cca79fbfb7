import { signal } from "@preact/signals";
import type { TokenSource } from "../api/client";
import { reconnectDelay } from "./backoff";
import type { SignalMessage } from "./signal_line";

/** Time and chance, which a test replaces. `after` returns what ends the wait. */
export interface Clock {
  now(): number;
  random(): number;
  after(milliseconds: number, call: () => void): () => void;
}

/** What a live connection needs from the page, and what it reports to it. */
export interface LiveSocketParts {
  address: string;
  tokens: TokenSource;
  /** The connection gets events from now on. Those before the cursor may be missing. */
  onReady(cursor: string): void;
  onEvent(event: unknown): void;
  /** A signal of a room arrived. */
  onSignal?(message: SignalMessage): void;
  clock?: Clock;
}

type WaitName = "connect" | "ping" | "answer" | "renewal" | "resend";

const MINUTE = 60_000;
// The gateway closes a connection after 10 minutes without a message.
const PING_MILLISECONDS = 5 * MINUTE;
// A connection whose answer is later than this is dead.
const ANSWER_MILLISECONDS = 15_000;
const RENEW_AHEAD_MILLISECONDS = 45_000;
// The clock of a browser may be wrong, so that a token seems to have expired.
const LEAST_RENEWAL_MILLISECONDS = MINUTE;

const BROWSER_CLOCK: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  after: (milliseconds, call) => {
    const timer = setTimeout(call, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** The live connection of a page. It connects again after each loss, and sends a new token before the old one ends. */
export class LiveSocket {
  readonly isOpen = signal(false);
  readonly #parts: LiveSocketParts;
  readonly #clock: Clock;
  #socket: WebSocket | null = null;
  #isStopped = false;
  #token: string | null = null;
  #isRefused = false;
  #failures = 0;
  readonly #waits = new Map<WaitName, () => void>();

  constructor(parts: LiveSocketParts) {
    this.#parts = parts;
    this.#clock = parts.clock ?? BROWSER_CLOCK;
    this.#connect();
  }

  /** Connect now if the connection is lost, or check that it still answers. */
  check(): void {
    if (this.#isStopped) return;
    if (this.isOpen.value) this.#ping();
    else if (!this.#socket) this.#connect();
  }

  /** Send a signal of a room, and return false where the connection is lost. */
  signal(message: SignalMessage): boolean {
    if (!this.isOpen.value) return false;
    this.#send(message);
    return true;
  }

  /** Close the connection for good. */
  stop(): void {
    this.#isStopped = true;
    this.#end();
  }

  #connect(): void {
    this.#end();
    const socket = new WebSocket(this.#parts.address);
    this.#socket = socket;
    // A socket that was given up still reports: its messages no longer count.
    const isCurrent = () => this.#socket === socket;
    socket.onopen = () => isCurrent() && this.#sendToken();
    socket.onmessage = ({ data }) => isCurrent() && this.#receive(String(data));
    socket.onclose = () => isCurrent() && this.#lose();
    this.#wait("answer", ANSWER_MILLISECONDS, () => this.#lose());
  }

  async #sendToken(): Promise<void> {
    const socket = this.#socket;
    const { tokens } = this.#parts;
    const token = await (this.#isRefused ? tokens.renewed(this.#token ?? undefined) : tokens.token()).catch(() => null);
    if (socket !== this.#socket || socket?.readyState !== WebSocket.OPEN) return;
    if (!token) {
      this.#lose();
      return;
    }
    this.#isRefused = false;
    this.#token = token;
    this.#send({ token });
  }

  #ping(): void {
    this.#send({ type: "ping" });
  }

  #send(message: object): void {
    this.#socket?.send(JSON.stringify(message));
    this.#wait("answer", ANSWER_MILLISECONDS, () => this.#lose());
    this.#wait("ping", PING_MILLISECONDS, () => this.#ping());
  }

  #receive(text: string): void {
    this.#cancel("answer");
    const message = JSON.parse(text) as { type: string; expiresAt?: string; nextCursor?: string };
    if (message.type === "/problems/unauthenticated") this.#isRefused = true;
    if (message.type === "ready") this.#open(message.expiresAt ?? "", message.nextCursor ?? "");
    else if (message.type === "/problems/busy") this.#wait("resend", this.#nextDelay(), () => this.#sendToken());
    else if (message.type === "signal") this.#parts.onSignal?.(message as SignalMessage);
    else if (!isReceipt(message.type)) this.#parts.onEvent(message);
  }

  #open(expiresAt: string, cursor: string): void {
    this.#failures = 0;
    this.isOpen.value = true;
    const left = new Date(expiresAt).getTime() - this.#clock.now() - RENEW_AHEAD_MILLISECONDS;
    this.#wait("renewal", Math.max(left, LEAST_RENEWAL_MILLISECONDS), () => this.#sendToken());
    this.#parts.onReady(cursor);
  }

  #lose(): void {
    this.#end();
    if (!this.#isStopped) this.#wait("connect", this.#nextDelay(), () => this.#connect());
  }

  #nextDelay(): number {
    const delay = reconnectDelay(this.#failures, this.#clock.random);
    this.#failures += 1;
    return delay;
  }

  #end(): void {
    for (const wait of [...this.#waits.keys()]) this.#cancel(wait);
    const socket = this.#socket;
    this.#socket = null;
    this.isOpen.value = false;
    if (socket?.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close();
    else socket?.close();
  }

  #wait(name: WaitName, milliseconds: number, call: () => void): void {
    this.#cancel(name);
    this.#waits.set(name, this.#clock.after(milliseconds, call));
  }

  #cancel(name: WaitName): void {
    this.#waits.get(name)?.();
    this.#waits.delete(name);
  }
}

/** Return true for the answer to a message of this page. */
function isReceipt(type: string): boolean {
  return type === "pong" || type === "signalled" || type.startsWith("/problems/");
}
