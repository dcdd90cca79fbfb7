import type { Schemas } from "../api/client";

/** Why this browser gets no push messages. `unavailable`: its push service did not answer. */
export type PushObstacle = "unsupported" | "denied" | "undecided" | "unavailable";

/** A push subscription that this browser did not make. */
export class PushRefused extends Error {
  constructor(readonly obstacle: PushObstacle) {
    super(obstacle);
  }
}

const WORKER = "/push_worker.js";
// A browser without a connection to its push service may never answer.
const PATIENCE_MILLISECONDS = 10_000;

/** Return true for a browser that can get push messages. */
export function isPushSupported(): boolean {
  return "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
}

/** Ask for permission, and return the subscription of this browser. Throws PushRefused. */
export async function subscribeThisBrowser(vapidPublicKey: string): Promise<Schemas["PushSubscriptionBody"]> {
  if (!isPushSupported()) throw new PushRefused("unsupported");
  const permission = await Notification.requestPermission();
  if (permission !== "granted") throw new PushRefused(permission === "denied" ? "denied" : "undecided");
  try {
    await navigator.serviceWorker.register(workerAddress());
    const { pushManager } = await navigator.serviceWorker.ready;
    // The subscription of an earlier key of the service gets no messages.
    const earlier = await pushManager.getSubscription();
    if (earlier && keyOf(earlier) !== vapidPublicKey) await earlier.unsubscribe();
    const subscription = pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: vapidPublicKey });
    const made = await Promise.race([subscription, end()]);
    return made.toJSON() as Schemas["PushSubscriptionBody"];
  } catch {
    throw new PushRefused("unavailable");
  }
}

async function end(): Promise<never> {
  await new Promise((resolve) => setTimeout(resolve, PATIENCE_MILLISECONDS));
  throw new PushRefused("unavailable");
}

/** Return the address of this browser at its push service, or null if it has no subscription. */
export async function endpointOfThisBrowser(): Promise<string | null> {
  return (await subscription())?.endpoint ?? null;
}

/** End the subscription of this browser. */
export async function unsubscribeThisBrowser(): Promise<void> {
  await (await subscription())?.unsubscribe();
}

async function subscription(): Promise<PushSubscription | null> {
  if (!isPushSupported()) return null;
  const registration = await navigator.serviceWorker.getRegistration();
  return (await registration?.pushManager.getSubscription()) ?? null;
}

function keyOf({ options }: PushSubscription): string {
  const bytes = new Uint8Array(options.applicationServerKey ?? new ArrayBuffer(0));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): {
    createScriptURL(url: string): string;
  };
}

let trusted: string | null = null;

/** Return the constant address of the worker, which the policy of the page must trust. */
function workerAddress(): string {
  const { trustedTypes } = window as { trustedTypes?: TrustedTypes };
  trusted ??=
    trustedTypes?.createPolicy("lockstep-push-worker", { createScriptURL: () => WORKER }).createScriptURL(WORKER) ??
    WORKER;
  return trusted;
}
