import type { VNode } from "preact";
import { expect, test } from "vitest";
import { Refusal } from "../api/refusal";
import { Loaded } from "./Loaded";
import { NothingHere } from "./NothingHere";

const NONE = { data: undefined, error: null, isPending: true, fetchStatus: "fetching", refetch: () => undefined };

function shown(query: Partial<typeof NONE> | { error: Error }, title?: string): VNode<{ children: unknown }> {
  return Loaded({ query: { ...NONE, ...query }, title: title ?? "", children: () => null }) as VNode<{
    children: unknown;
  }>;
}

test("data that waits for the network says so", () => {
  expect(shown({}).props.children).toBe("Loading");
  expect(shown({ fetchStatus: "paused" }).props.children).toBe("This appears as soon as you are online again.");
});

test("a screen of what does not exist offers a way back, and no other failure does", () => {
  const failed = (code: string) => ({ isPending: false, error: new Refusal(code, 404, "") });
  expect(shown(failed("not_found"), "People").type).toBe(NothingHere);
  expect(shown(failed("busy"), "People").type).toBe("div");
  // A part of a screen keeps the heading of the screen.
  expect(shown(failed("not_found")).type).toBe("div");
});
