import { expect, test } from "vitest";
import { pairOf, roomPath } from "./room_address";

test("the address of a room ends with its pair, in this app as in another one", () => {
  expect(pairOf({ roomUrl: "https://app.example/rooms/p1" })).toBe("p1");
  expect(pairOf({ roomUrl: null })).toBe(null);
  expect(roomPath("p1")).toBe("/rooms/p1");
});
