import { expect, test } from "vitest";
import { changesOf, draftAfter } from "./form_draft";

test("only what differs from the stored values is sent", () => {
  const stored = { name: "Ada", kinds: ["a", "b"], quiet: false };
  expect(changesOf(stored, { name: "Ada", kinds: ["a"], quiet: true })).toEqual({ kinds: ["a"], quiet: true });
  expect(changesOf(stored, { kinds: ["a", "b"] })).toEqual({});
});

test("what was typed while the form was sent stays in the draft", () => {
  expect(draftAfter({ name: "Ada L.", zone: "UTC" }, { name: "Ada", zone: "UTC" })).toEqual({ name: "Ada L." });
});
