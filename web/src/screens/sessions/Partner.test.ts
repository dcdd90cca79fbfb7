import type { VNode } from "preact";
import { expect, test } from "vitest";
import { RelationButton } from "../people/RelationButton";
import { Partner } from "./Partner";

/** Return the kinds of all elements that a component returns. */
function kindsOf(node: unknown): unknown[] {
  if (Array.isArray(node)) return node.flatMap(kindsOf);
  if (typeof node !== "object" || node === null) return [];
  const { type, props } = node as VNode<{ children?: unknown }>;
  return [type, ...kindsOf(props.children)];
}

test("a deleted account has no button that makes it a favorite", () => {
  const of = (name: string) => {
    const participant = {
      userId: "b",
      name,
      role: null,
      joinedAt: null,
      completed: false,
      activityType: "desk",
      quietMode: false,
    } as const;
    return kindsOf(Partner({ partner: participant, describedBy: "time" }));
  };
  expect(of("Ben")).toContain(RelationButton);
  expect(of("Former member")).not.toContain(RelationButton);
});
