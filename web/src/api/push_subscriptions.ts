import { useQuery } from "@tanstack/preact-query";
import { useApp } from "../app_context";
import { type ApiClient, data, type Schemas } from "./client";

export const PUSH_SUBSCRIPTIONS = ["push-subscriptions"];

/** Return the member's browsers that get push messages, the oldest first. */
export function usePushSubscriptions() {
  const { api } = useApp();
  return useQuery({
    queryKey: PUSH_SUBSCRIPTIONS,
    queryFn: async () => (await data(api.GET("/v1/push-subscriptions"))).pushSubscriptions,
    refetchOnWindowFocus: "always",
  });
}

/** Send the subscription of a browser. */
export async function addPushSubscription(api: ApiClient, body: Schemas["PushSubscriptionBody"]): Promise<void> {
  await data(api.POST("/v1/push-subscriptions", { body }));
}

/** Remove a browser, which gets no push message from then on. */
export async function removePushSubscription(api: ApiClient, pushSubscriptionId: string): Promise<void> {
  const path = { pushSubscriptionId };
  await data(api.DELETE("/v1/push-subscriptions/{pushSubscriptionId}", { params: { path } }));
}
