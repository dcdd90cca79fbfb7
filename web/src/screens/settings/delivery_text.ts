import type { Schemas } from "../../api/client";
import type { Catalog } from "../../i18n/language";

type Delivery = Pick<Schemas["WebhookDelivery"], "attempt" | "delivered" | "status" | "reason">;

/** Return the result of the latest attempt in words. */
export function deliveryText(delivery: Delivery, words: Catalog["settings"]["webhooks"]): string {
  const { attempt, delivered, status, reason } = delivery;
  if (delivered) return words.delivered;
  if (attempt === 0) return words.waiting;
  if (status !== null) return words.refused(String(status));
  const reasons: Readonly<Record<string, string>> = words.reasons;
  return reasons[reason ?? ""] ?? words.notDelivered;
}
