import { expect, test } from "vitest";
import { peerMessage } from "./peer_message";

const HELLO = { from: "a", since: 1, kind: "hello" };

test("a message of the partner's page is used if it has all its parts", () => {
  const description = { ...HELLO, kind: "description", description: { type: "offer", sdp: "v=0" } };
  const candidates = { ...HELLO, to: "b", kind: "candidates", candidates: [{ candidate: "", sdpMid: "0" }] };
  const replaced = { ...HELLO, kind: "replaced", newest: 2 };
  for (const message of [HELLO, { ...HELLO, kind: "bye" }, description, candidates, replaced])
    expect(peerMessage(message)).toBe(message);
});

test.each([
  null,
  "hello",
  {},
  { ...HELLO, from: 1 },
  { ...HELLO, since: "1" },
  { ...HELLO, to: 1 },
  { ...HELLO, kind: "later" },
  { ...HELLO, kind: "description" },
  { ...HELLO, kind: "description", description: { type: "other", sdp: "" } },
  { ...HELLO, kind: "description", description: { type: "offer" } },
  { ...HELLO, kind: "candidates", candidates: "all" },
  { ...HELLO, kind: "candidates", candidates: [null] },
  { ...HELLO, kind: "replaced" },
])("what is no message is left out: %j", (data) => {
  expect(peerMessage(data)).toBe(null);
});
