import { expect, test } from "vitest";
import { en } from "../../i18n/en";
import { type EventKind, isEveryKind, KINDS, withKind } from "./kinds";

test("every kind of event with words can be chosen", () => {
  expect([...KINDS].toSorted()).toEqual(Object.keys(en.settings.kinds).toSorted());
});

test("a kind is chosen once, and a kind that is not shown stays", () => {
  const kinds: EventKind[] = ["session.missed", "session.booked"];
  expect(withKind(kinds, "session.booked", true)).toEqual(["session.missed", "session.booked"]);
  expect(withKind(kinds, "session.booked", false)).toEqual(["session.missed"]);
});

test("all kinds are all that can be chosen", () => {
  expect(isEveryKind(KINDS)).toBe(true);
  expect(isEveryKind(KINDS.slice(1))).toBe(false);
});
