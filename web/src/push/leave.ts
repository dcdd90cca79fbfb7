import type { ApiClient } from "../api/client";
import { data } from "../api/client";
import { removePushSubscription } from "../api/push_subscriptions";
import type { App } from "../app_context";
import { endpointOfThisBrowser, unsubscribeThisBrowser } from "./this_browser";

// A member who leaves does not wait for a service that is out of reach.
const PATIENCE_MILLISECONDS = 2_000;

/** Sign out of this browser. It gets no more push messages of the member, whose titles they may contain. */
export async function leave({ api, session }: Pick<App, "api" | "session">): Promise<void> {
  // Without a connection the subscription ends in this browser alone, which is enough.
  await briefly(endPush(api));
  session.signOut();
}

/** Sign out of this browser in the same way, and let the provider ask for another account. */
export async function leaveForAnother({ api, session }: Pick<App, "api" | "session">, path: string): Promise<void> {
  await briefly(endPush(api));
  await session.signInAsAnother(path);
}

/** Wait for an action, 2 seconds at the longest. Its failure has no consequence. */
export async function briefly(action: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = new Promise((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MILLISECONDS);
  });
  await Promise.race([action.catch(() => undefined), end]);
  clearTimeout(timer);
}

async function endPush(api: ApiClient): Promise<void> {
  const endpoint = await endpointOfThisBrowser();
  if (endpoint === null) return;
  await unsubscribeThisBrowser();
  const { pushSubscriptions } = await data(api.GET("/v1/push-subscriptions"));
  const own = pushSubscriptions.find((known) => known.endpoint === endpoint);
  if (own) await removePushSubscription(api, own.pushSubscriptionId);
}
