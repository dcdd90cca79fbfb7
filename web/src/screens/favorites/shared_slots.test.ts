import { expect, test } from "vitest";
import type { SharedSlot } from "../../api/availability";
import { partnerKey, slotsWith } from "./shared_slots";

function partner(userId: string) {
  return { userId, name: userId, photoUrl: null, locked: false, lockable: true };
}

const BOTH: SharedSlot = {
  startTime: "2026-12-01T09:00:00+00:00",
  duration: 3000000,
  partners: [partner("ben"), partner("cy")],
};
const CYS: SharedSlot = { startTime: "2026-12-01T10:00:00+00:00", duration: 3000000, partners: [partner("cy")] };

test("the filter keeps the slots of one favorite, and hides the other partners in them", () => {
  expect(slotsWith([BOTH, CYS], "ben")).toEqual([{ ...BOTH, partners: [partner("ben")] }]);
});

test("without a filter all slots are shown", () => {
  expect(slotsWith([BOTH, CYS], "")).toEqual([BOTH, CYS]);
});

test("two partners of one slot have two keys, and so has one partner in two slots", () => {
  const keys = [partnerKey(BOTH, partner("ben")), partnerKey(BOTH, partner("cy")), partnerKey(CYS, partner("cy"))];
  expect(new Set(keys).size).toBe(3);
});
