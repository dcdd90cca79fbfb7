import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MemoryConnection } from "../testing/memory_connection";
import type { RoomMedia } from "./media";
import { PeerLink } from "./peer_link";

const NOTHING = { value: null };
let connections: LinkedConnection[];

/** A peer connection of a test that has been connected once. */
class LinkedConnection extends MemoryConnection {
  connectionState: RTCPeerConnectionState = "connected";
  onconnectionstatechange: (() => void) | null = null;

  constructor() {
    super(`page${connections.length}`);
    connections.push(this);
  }

  addTransceiver = (kind: string) => ({
    sender: { replaceTrack: async () => undefined },
    receiver: { track: { kind } },
  });
  createDataChannel = () => ({});
  close = () => undefined;

  /** Lose the way to the partner. */
  lose(): void {
    this.connectionState = "disconnected";
    this.onconnectionstatechange?.();
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  connections = [];
  vi.stubGlobal("RTCPeerConnection", LinkedConnection);
  vi.stubGlobal("MediaStream", class {});
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** Return the link of a page, whose tracks are none. */
function link(isPolite: boolean): PeerLink {
  return new PeerLink({
    configuration: {},
    isPolite,
    media: { microphone: { track: NOTHING }, picture: NOTHING } as unknown as RoomMedia,
    send: () => undefined,
    onTrack: () => undefined,
    onState: () => undefined,
    channel: { onOpen: () => undefined, onMessage: () => undefined },
  });
}

/** Return the restarts of the polite page and of the other one. */
const restarts = () => connections.map((connection) => connection.restarts);

test("only one of two pages restarts a connection that both have lost", async () => {
  const links = [link(true), link(false)];
  for (const connection of connections) connection.lose();
  await vi.advanceTimersByTimeAsync(2500);
  expect(restarts()).toEqual([0, 1]);
  for (const one of links) one.close();
});

test.each([
  ["the polite page", 0, [0, 0]],
  ["the other page", 1, [0, 1]],
] as const)("after a change of the network of %s the polite one restarts nothing", (_page, changed, expected) => {
  const links = [link(true), link(false)];
  links[changed]?.restart();
  expect(restarts()).toEqual(expected);
  for (const one of links) one.close();
});

test("a link that is closed restarts nothing", async () => {
  const closed = link(false);
  connections[0]?.lose();
  closed.close();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(restarts()).toEqual([0]);
});
