import { useQuery } from "@tanstack/preact-query";
import { useApp } from "../app_context";
import { type ApiClient, data, type Schemas } from "./client";

export const WEBHOOKS = ["webhooks"];

const WAITING_MILLISECONDS = 1_000;
const SOON_MILLISECONDS = 30_000;

/** Return the member's webhooks, oldest first. */
export function useWebhooks() {
  const { api } = useApp();
  return useQuery({
    queryKey: WEBHOOKS,
    queryFn: async () => (await data(api.GET("/v1/webhooks"))).webhooks,
    refetchOnWindowFocus: "always",
  });
}

/** Make a webhook and return the secret of its signatures, which no later response contains. */
export async function makeWebhook(api: ApiClient, body: Schemas["WebhookBody"]): Promise<string> {
  return (await data(api.POST("/v1/webhooks", { body }))).webhook.secret;
}

/** Change the address, the kinds or the state of a webhook. */
export async function changeWebhook(api: ApiClient, webhookId: string, body: Schemas["WebhookEdit"]): Promise<void> {
  await data(api.PATCH("/v1/webhooks/{webhookId}", { params: { path: { webhookId } }, body }));
}

/** Delete a webhook. */
export async function deleteWebhook(api: ApiClient, webhookId: string): Promise<void> {
  await data(api.DELETE("/v1/webhooks/{webhookId}", { params: { path: { webhookId } } }));
}

/** Ask for a test event to a webhook. Its deliveries have the result. */
export async function testWebhook(api: ApiClient, webhookId: string): Promise<void> {
  await data(api.POST("/v1/webhooks/{webhookId}/test", { params: { path: { webhookId } } }));
}

/**
 * Return the latest events for a webhook, newest first, with the latest attempt of each. They are read every second
 * while an attempt is near, and after the member asked for one at `requestedAt`.
 */
export function useDeliveries(webhookId: string, requestedAt: number | null) {
  const { api } = useApp();
  return useQuery({
    queryKey: [...WEBHOOKS, webhookId, "deliveries"],
    queryFn: async () =>
      (await data(api.GET("/v1/webhooks/{webhookId}/deliveries", { params: { path: { webhookId } } }))).deliveries,
    staleTime: 0,
    refetchInterval: ({ state }) => {
      const isRequested = requestedAt !== null && Date.now() - requestedAt < SOON_MILLISECONDS;
      return isRequested || state.data?.some(isSentSoon) ? WAITING_MILLISECONDS : false;
    },
  });
}

/** Return true for a delivery that is sent within seconds, such as a test. */
function isSentSoon({ nextAttempt }: Schemas["WebhookDelivery"]): boolean {
  return nextAttempt !== null && new Date(nextAttempt).getTime() - Date.now() < SOON_MILLISECONDS;
}

/** Ask for another delivery of an event to a webhook. */
export async function sendAgain(api: ApiClient, webhookId: string, eventId: string): Promise<void> {
  const path = { webhookId, eventId };
  await data(api.POST("/v1/webhooks/{webhookId}/deliveries/{eventId}", { params: { path } }));
}
