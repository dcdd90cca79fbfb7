import { type QueryClient, useMutation, useQueryClient } from "@tanstack/preact-query";
import { useApp } from "../app_context";
import { type ApiClient, data, type Schemas } from "./client";
import { RequestKeys } from "./intention";
import { Refusal } from "./refusal";
import { mayRetry, retryDelay } from "./retries";

/** The wish to book a slot. With `partnerId` and without `locked: false` it locks in (R9). */
export type BookingWish = Schemas["BookBody"];

const keys = new RequestKeys();
// The locks that this page asked for, which need no message about their event.
const ownLocks = new Set<string>();

/** Return true, once, for a lock that this page asked for. A later lock of the two may be the partner's. */
export function takeOwnLock(startTime: string, partnerId: string): boolean {
  return ownLocks.delete(lockOf(startTime, partnerId));
}

function lockOf(startTime: string, partnerId: string): string {
  return `${new Date(startTime).getTime()} ${partnerId}`;
}

/** Send a booking with its idempotency key. Throws Refusal and ConnectionLost. */
export async function book(api: ApiClient, wish: BookingWish): Promise<Schemas["Session"]> {
  const header = { "Idempotency-Key": keys.keyOf(wish) };
  if (wish.partnerId && wish.locked !== false) ownLocks.add(lockOf(wish.startTime, wish.partnerId));
  try {
    const { session } = await data(api.POST("/v1/sessions", { params: { header }, body: wish }));
    keys.answered(wish);
    return session;
  } catch (error) {
    // After a lost response the same key is sent again, so that the slot is booked once.
    if (error instanceof Refusal && error.status < 500) {
      keys.answered(wish);
      ownLocks.delete(lockOf(wish.startTime, wish.partnerId ?? ""));
    }
    throw error;
  }
}

/** Cancel a session (R17). A repeated cancel has no further effect. */
export async function cancel(api: ApiClient, sessionId: string): Promise<void> {
  await data(api.DELETE("/v1/sessions/{sessionId}", { params: { path: { sessionId } } }));
  // With an old key the same wish would get the response of the cancelled session.
  keys.forget();
  ownLocks.clear();
}

/** End the use of all idempotency keys, after a cancel of another page. */
export function forgetKeys(): void {
  keys.forget();
}

/** Return the action of all three ways to book. It fetches what changed, also after a refusal. */
export function useBook() {
  const { api } = useApp();
  const queries = useQueryClient();
  return useMutation(bookOptions(api, queries));
}

/** Return how a wish is sent. Its outcome does not wait until the views are fetched again. */
export function bookOptions(api: ApiClient, queries: QueryClient) {
  return {
    mutationFn: (wish: BookingWish) => book(api, wish),
    retry: mayRetry,
    retryDelay,
    onSettled: () => {
      refreshBookings(queries);
    },
  };
}

/** Return the action that cancels a session by its id (R17). */
export function useCancel() {
  const { api } = useApp();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (sessionId: string) => cancel(api, sessionId),
    retry: mayRetry,
    retryDelay,
    onSettled: () => {
      refreshBookings(queries);
    },
  });
}

// What a booking, a lock or a cancel changes on the page.
const BOOKING_VIEWS = ["sessions", "session", "calendar", "availability", "favorites-availability"];

/** Fetch every view again that shows bookings. */
export function refreshBookings(queries: QueryClient): Promise<void> {
  return queries.invalidateQueries({ predicate: ({ queryKey }) => BOOKING_VIEWS.includes(String(queryKey[0])) });
}
