import type { SharedSlot } from "../../api/availability";
import { slotKey } from "../availability/slot_days";

/** Return the key of a partner in a slot. */
export function partnerKey(slot: SharedSlot, { userId }: { userId: string }): string {
  return `${slotKey(slot)}/${userId}`;
}

/** Return the slots of one favorite, without other partners. Without an id it is the slots of all. */
export function slotsWith(slots: readonly SharedSlot[], userId: string): SharedSlot[] {
  if (!userId) return [...slots];
  return slots
    .map((slot) => ({ ...slot, partners: slot.partners.filter((partner) => partner.userId === userId) }))
    .filter((slot) => slot.partners.length > 0);
}
