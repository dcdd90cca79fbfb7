import { expect, test } from "vitest";
import { RequestKeys } from "./intention";

test("an equal request keeps its key until it is answered", () => {
  const keys = new RequestKeys();
  const first = keys.keyOf({ startTime: "a" });
  expect(keys.keyOf({ startTime: "a" })).toBe(first);
  expect(keys.keyOf({ startTime: "b" })).not.toBe(first);
  keys.answered({ startTime: "a" });
  expect(keys.keyOf({ startTime: "a" })).not.toBe(first);
  expect(first).toMatch(/^[0-9a-f]{32}$/);
});
