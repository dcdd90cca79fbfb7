import type { ApiClient } from "../api/client";
import { data } from "../api/client";
import { removePushSubscription } from "../api/push_subscriptions";
import type { App } from "../app_context";
import { endpointOfThisBrowser, unsubscribeThisBrowser } from "./this_browser";

/** Sign out of this browser. It gets no more push messages of the member, whose titles they may contain. */
export async function leave({ api, session }: Pick<App, "api" | "session">): Promise<void> {
  // Without a connection the subscription ends in this browser alone, which is enough.
  await endPush(api).catch(() => undefined);
  session.signOut();
}

async function endPush(api: ApiClient): Promise<void> {
  const endpoint = await endpointOfThisBrowser();
  if (endpoint === null) return;
  await unsubscribeThisBrowser();
  const { pushSubscriptions } = await data(api.GET("/v1/push-subscriptions"));
  const own = pushSubscriptions.find((known) => known.endpoint === endpoint);
  if (own) await removePushSubscription(api, own.pushSubscriptionId);
}
