import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MemoryConnection } from "../testing/memory_connection";
import { belongsTo, Negotiation } from "./negotiation";
import type { PeerContent } from "./signalling";

/** A side of a negotiation, with the signals that it has sent. */
class Side {
  readonly connection: MemoryConnection;
  readonly negotiation: Negotiation;
  sent: PeerContent[] = [];

  constructor(name: string, isPolite: boolean) {
    this.connection = new MemoryConnection(name);
    this.negotiation = new Negotiation({
      connection: this.connection,
      isPolite,
      send: (content) => this.sent.push(structuredClone(content)),
    });
  }

  /** Make an offer, as after a change of what is sent. */
  offer(): void {
    this.connection.onnegotiationneeded?.(new Event("negotiationneeded"));
  }
}

let polite: Side;
let rude: Side;

beforeEach(() => {
  vi.useFakeTimers();
  [polite, rude] = [new Side("p", true), new Side("r", false)];
});

afterEach(() => {
  vi.useRealTimers();
});

/** Deliver all signals until there are no more. */
async function exchange(): Promise<void> {
  await vi.advanceTimersByTimeAsync(100);
  while (polite.sent.length + rude.sent.length > 0) {
    const [ofPolite, ofRude] = [polite.sent, rude.sent];
    [polite.sent, rude.sent] = [[], []];
    for (const content of ofPolite) await rude.negotiation.receive(content);
    for (const content of ofRude) await polite.negotiation.receive(content);
    await vi.advanceTimersByTimeAsync(100);
  }
}

const agreed = () => [polite.connection.isAgreed, rude.connection.isAgreed];
const types = () => [polite, rude].map(({ connection }) => connection.localDescription?.type);

test.each([
  ["the polite side", () => polite.offer(), ["offer", "answer"]],
  ["the other side", () => rude.offer(), ["answer", "offer"]],
] as const)("an offer of %s is answered", async (_side, offer, expected) => {
  offer();
  await exchange();
  expect([agreed(), types()]).toEqual([[true, true], expected]);
});

test("of two offers at the same time that of the polite side gives way", async () => {
  polite.offer();
  rude.offer();
  await exchange();
  expect([agreed(), types()]).toEqual([
    [true, true],
    ["answer", "offer"],
  ]);
});

test("candidates are one signal, and reach the description that they belong to", async () => {
  rude.offer();
  await vi.advanceTimersByTimeAsync(1);
  for (const candidate of ["one", "two"]) rude.connection.find(candidate);
  await vi.advanceTimersByTimeAsync(100);
  expect(rude.sent.map(({ kind }) => kind)).toEqual(["description", "candidates"]);
  await exchange();
  expect(polite.connection.added).toEqual(["one", "two"]);
});

test("candidates that overtake their description wait for it", async () => {
  rude.offer();
  await vi.advanceTimersByTimeAsync(1);
  rude.connection.find("one");
  await vi.advanceTimersByTimeAsync(100);
  rude.sent.reverse();
  await exchange();
  expect([polite.connection.added, agreed()]).toEqual([["one"], [true, true]]);
});

test("candidates of a restart that overtake its offer wait for it", async () => {
  rude.offer();
  await exchange();
  rude.negotiation.resume();
  await vi.advanceTimersByTimeAsync(1);
  rude.connection.find("new");
  await vi.advanceTimersByTimeAsync(100);
  rude.sent.reverse();
  await exchange();
  expect(polite.connection.added).toEqual(["new"]);
});

test("a lost offer is sent again", async () => {
  polite.offer();
  await vi.advanceTimersByTimeAsync(100);
  polite.sent = [];
  polite.negotiation.resume();
  await exchange();
  expect([agreed(), polite.connection.restarts]).toEqual([[true, true], 0]);
});

test("a lost answer is made again", async () => {
  polite.offer();
  await vi.advanceTimersByTimeAsync(100);
  for (const content of polite.sent.splice(0)) await rude.negotiation.receive(content);
  rude.sent = [];
  expect(agreed()).toEqual([false, true]);
  polite.negotiation.resume();
  await exchange();
  expect(agreed()).toEqual([true, true]);
});

test("a second answer to one offer has no effect", async () => {
  polite.offer();
  await vi.advanceTimersByTimeAsync(100);
  polite.negotiation.resume();
  await exchange();
  expect(agreed()).toEqual([true, true]);
});

test("a broken way through the network is made again by both sides at once", async () => {
  rude.offer();
  await exchange();
  polite.negotiation.resume();
  rude.negotiation.resume();
  await exchange();
  expect(agreed()).toEqual([true, true]);
  expect([polite.connection.restarts, rude.connection.restarts]).toEqual([1, 1]);
});

test("a stopped negotiation sends nothing", async () => {
  rude.offer();
  await vi.advanceTimersByTimeAsync(1);
  rude.connection.find("one");
  rude.negotiation.stop();
  rude.sent = [];
  await vi.advanceTimersByTimeAsync(100);
  expect(rude.sent).toEqual([]);
});

test("a candidate belongs to the description with its name fragment", () => {
  const sdp = "v=0\r\na=ice-ufrag:abc\r\n";
  expect(belongsTo({ usernameFragment: "abc" }, sdp)).toBe(true);
  expect(belongsTo({ usernameFragment: "ab" }, sdp)).toBe(false);
  expect(belongsTo({}, sdp)).toBe(true);
  expect(belongsTo({}, undefined)).toBe(false);
});
