import type { Schemas } from "../../api/client";

export type EventKind = Schemas["EventKind"];

/** The kinds of events that can be chosen. */
export const KINDS: readonly EventKind[] = [
  "session.booked",
  "session.matched",
  "session.locked_in",
  "session.displaced",
  "session.partner_cancelled",
  "session.cancelled",
  "session.changed",
  "session.starting",
  "session.unmatched",
  "session.missed",
  "favorite.available",
];

/** Return the kinds with or without one of them. Kinds that cannot be chosen stay. */
export function withKind(kinds: readonly EventKind[], kind: EventKind, isChosen: boolean): EventKind[] {
  const others = kinds.filter((known) => known !== kind);
  return isChosen ? [...others, kind] : others;
}

/** Return true if every kind that can be chosen is among these. */
export function isEveryKind(kinds: readonly EventKind[]): boolean {
  return KINDS.every((kind) => kinds.includes(kind));
}
