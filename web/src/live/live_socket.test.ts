import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SocketServer } from "../testing/socket_server";
import { type Clock, LiveSocket } from "./live_socket";

const HOUR = 3_600_000;

/** A clock that stands until it is moved, with the largest random numbers. */
class StandingClock implements Clock {
  #now = 0;
  #waits: { at: number; call: () => void }[] = [];

  now = () => this.#now;
  random = () => 1;
  after = (milliseconds: number, call: () => void) => {
    const wait = { at: this.#now + milliseconds, call };
    this.#waits.push(wait);
    return () => {
      this.#waits = this.#waits.filter((other) => other !== wait);
    };
  };

  /** Move the clock, and make the calls that are due. */
  move(milliseconds: number): void {
    this.#now += milliseconds;
    const due = this.#waits.filter(({ at }) => at <= this.#now);
    this.#waits = this.#waits.filter(({ at }) => at > this.#now);
    for (const { call } of due) call();
  }
}

let server: SocketServer;
let clock: StandingClock;
let live: LiveSocket;
let cursors: string[];
let events: unknown[];
let signals: unknown[];

beforeEach(async () => {
  [server, clock, cursors, events, signals] = [new SocketServer(), new StandingClock(), [], [], []];
  live = new LiveSocket({
    address: await server.start(),
    tokens: { token: async () => "held", renewed: async (refused) => `after ${refused}`, end: () => undefined },
    onReady: (cursor) => cursors.push(cursor),
    onEvent: (event) => events.push(event),
    onSignal: (message) => signals.push(message),
    clock,
  });
});

afterEach(() => {
  live.stop();
  server.stop();
});

const received = (count: number) => vi.waitFor(() => expect(server.received.length).toBe(count));
const opened = (count: number) => vi.waitFor(() => expect(cursors.length).toBe(count));
const lost = () => vi.waitFor(() => expect(live.isOpen.value).toBe(false));

async function open(cursor = "c1", expires = HOUR): Promise<void> {
  await received(1);
  server.send({ type: "ready", expiresAt: new Date(expires).toISOString(), nextCursor: cursor });
  await opened(1);
}

test("the first message is the token, and events arrive after the answer", async () => {
  await received(1);
  expect(server.received).toEqual([{ connection: 1, message: { token: "held" } }]);
  expect(live.isOpen.value).toBe(false);
  await open();
  expect([live.isOpen.value, cursors]).toEqual([true, ["c1"]]);
  server.send({ type: "session.matched", id: "evt" });
  await vi.waitFor(() => expect(events).toEqual([{ type: "session.matched", id: "evt" }]));
});

test("a lost connection is made again after the pause, and not before", async () => {
  await open();
  server.cut();
  await lost();
  clock.move(999);
  expect(server.connections).toBe(1);
  clock.move(1);
  await received(2);
  expect(server.received[1]).toEqual({ connection: 2, message: { token: "held" } });
  server.send({ type: "ready", expiresAt: new Date(HOUR).toISOString(), nextCursor: "c2" });
  await opened(2);
  expect(live.isOpen.value).toBe(true);
});

test("a connection that never becomes ready waits longer each time", async () => {
  for (const [attempt, pause] of [1000, 2000, 4000].entries()) {
    await received(attempt + 1);
    server.cut();
    await vi.waitFor(() => {
      clock.move(pause);
      expect(server.connections).toBe(attempt + 2);
    });
  }
});

test("a page that comes back connects at once, and an open connection is asked whether it still answers", async () => {
  await open();
  live.check();
  await received(2);
  expect(server.received[1]?.message).toEqual({ type: "ping" });
  server.send({ type: "pong" });
  server.cut();
  await lost();
  live.check();
  await received(3);
  expect(server.received[2]).toEqual({ connection: 2, message: { token: "held" } });
});

test("a ping without an answer ends the connection", async () => {
  await open();
  clock.move(300_000);
  await received(2);
  expect(server.received[1]?.message).toEqual({ type: "ping" });
  clock.move(14_999);
  expect(live.isOpen.value).toBe(true);
  clock.move(1);
  expect(live.isOpen.value).toBe(false);
});

test("a new token is sent on the same connection before the old one ends", async () => {
  await open("c1", 120_000);
  clock.move(74_999);
  expect(server.received.length).toBe(1);
  clock.move(1);
  await received(2);
  expect(server.received[1]).toEqual({ connection: 1, message: { token: "held" } });
});

test("a refused token is renewed before the next attempt", async () => {
  await received(1);
  server.send({ type: "/problems/unauthenticated", code: "unauthenticated" });
  server.cut();
  await vi.waitFor(() => {
    clock.move(1000);
    expect(server.received.at(-1)).toEqual({ connection: 2, message: { token: "after held" } });
  });
  expect(events).toEqual([]);
});

test("a busy service gets the token again on the same connection", async () => {
  await received(1);
  server.send({ type: "/problems/busy", code: "busy" });
  await vi.waitFor(() => {
    clock.move(1000);
    expect(server.received.length).toBeGreaterThan(1);
  });
  expect(server.received[1]).toEqual({ connection: 1, message: { token: "held" } });
});

test("a signal goes both ways beside the events, and its answers are no events", async () => {
  const hello = { type: "signal", sessionId: "s", data: { kind: "hello" } } as const;
  expect(live.signal(hello)).toBe(false);
  await open();
  expect(live.signal(hello)).toBe(true);
  await received(2);
  expect(server.received[1]).toEqual({ connection: 1, message: hello });
  server.send({ type: "signalled", sessionId: "s", reached: true });
  server.send({ type: "/problems/not_found", code: "not_found" });
  server.send(hello);
  server.send({ type: "session.matched", id: "evt" });
  await vi.waitFor(() => expect(events).toEqual([{ type: "session.matched", id: "evt" }]));
  expect([signals, live.isOpen.value]).toEqual([[hello], true]);
});

test("a signal without an answer ends the connection", async () => {
  await open();
  live.signal({ type: "signal", sessionId: "s", data: {} });
  clock.move(15_000);
  expect(live.isOpen.value).toBe(false);
});

test("a stopped connection stays closed", async () => {
  await open();
  live.stop();
  live.check();
  clock.move(HOUR);
  expect([live.isOpen.value, server.connections]).toEqual([false, 1]);
});
