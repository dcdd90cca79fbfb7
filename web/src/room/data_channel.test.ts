import { expect, test } from "vitest";
import { type Channel, LONGEST_LINE, RoomChannel, type RoomMessage, roomMessage } from "./data_channel";

const STATE = { isMuted: true, hasCamera: false, isSharing: true, title: "Taxes" };

test("a text of the partner's page becomes a message", () => {
  expect(roomMessage('{"type":"chat","text":"Hello"}')).toEqual({ type: "chat", text: "Hello" });
  expect(roomMessage(JSON.stringify({ type: "state", state: STATE }))).toEqual({ type: "state", state: STATE });
});

test.each(["", "1", "null", "{", '{"type":"chat"}', '{"type":"chat","text":" "}', '{"type":"state"}', '{"type":"x"}'])(
  "what is no message is left out: %j",
  (text) => {
    expect(roomMessage(text)).toBe(null);
  },
);

test("what the partner's page says has limits and types", () => {
  const long = roomMessage(JSON.stringify({ type: "chat", text: "a".repeat(LONGEST_LINE + 1) }));
  expect(long).toEqual({ type: "chat", text: "a".repeat(LONGEST_LINE) });
  const odd = { isMuted: 1, hasCamera: "yes", title: {} };
  const nothing = { isMuted: false, hasCamera: false, isSharing: false, title: null };
  expect(roomMessage(JSON.stringify({ type: "state", state: odd }))).toEqual({ type: "state", state: nothing });
});

test("a channel sends only while it is open", () => {
  const sent: string[] = [];
  const heard: (RoomMessage | string)[] = [];
  const channel = {
    readyState: "connecting",
    onopen: null,
    onmessage: null,
    send: (text: string) => sent.push(text),
  } as unknown as Channel & { readyState: RTCDataChannelState };
  const room = new RoomChannel(channel, {
    onOpen: () => heard.push("open"),
    onMessage: (message) => heard.push(message),
  });
  expect(room.send({ type: "chat", text: "early" })).toBe(false);
  channel.readyState = "open";
  channel.onopen?.call({} as RTCDataChannel, new Event("open"));
  expect(room.send({ type: "chat", text: "Hello" })).toBe(true);
  const message = new MessageEvent("message", { data: '{"type":"chat","text":"Hi"}' });
  channel.onmessage?.call({} as RTCDataChannel, message);
  expect([sent, heard]).toEqual([['{"type":"chat","text":"Hello"}'], ["open", { type: "chat", text: "Hi" }]]);
});
