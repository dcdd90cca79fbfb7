import { signal } from "@preact/signals";

/** A signal of a room on the live connection. The service does not read its data. */
export interface SignalMessage {
  type: "signal";
  /** The own session of the receiver, or of the sender on the way to the service. */
  sessionId: string;
  data: unknown;
}

type Send = (message: SignalMessage) => boolean;

/** The way of a room's signals to the partner's page, over the live connection of this page. */
export class SignalLine {
  /** True while a signal can be sent. */
  readonly isOpen = signal(false);
  readonly #listeners = new Set<(message: SignalMessage) => void>();
  #send: Send = () => false;

  /** Use a live connection from now on. */
  connect(send: Send): void {
    this.#send = send;
  }

  /** Send the data of a session's room, and return false where there is no connection. */
  send(sessionId: string, data: unknown): boolean {
    return this.#send({ type: "signal", sessionId, data });
  }

  /** Pass on a signal that arrived. */
  receive(message: SignalMessage): void {
    for (const listener of this.#listeners) listener(message);
  }

  /** Call `listener` with the data of each signal of a session, and return what ends that. */
  listen(sessionId: string, listener: (data: unknown) => void): () => void {
    const own = (message: SignalMessage) => message.sessionId === sessionId && listener(message.data);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }
}

/** The signals of this page. */
export const signalLine = new SignalLine();
