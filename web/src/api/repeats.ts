import { type QueryClient, useQuery } from "@tanstack/preact-query";
import { useApp } from "../app_context";
import { forgetKeys, refreshBookings } from "./booking";
import { type ApiClient, data, type Schemas } from "./client";

/** A weekly pattern whose sessions are booked 14 days ahead (R40). */
export type Repeat = Schemas["Repeat"];

/** A day of the week, such as `mon`. */
export type Weekday = Schemas["Weekday"];

const REPEATS = ["repeats"];

/** Return the member's repeats, oldest first. */
export function useRepeats() {
  const { api } = useApp();
  return useQuery({
    queryKey: REPEATS,
    queryFn: async () => (await data(api.GET("/v1/repeats"))).repeats,
    // The service books the sessions of a repeat by itself.
    staleTime: 0,
    refetchOnWindowFocus: "always",
  });
}

/** Make a repeat. The response has the times among the next 14 days that could not be booked. */
export async function makeRepeat(api: ApiClient, body: Schemas["RepeatBody"]): Promise<Repeat> {
  return (await data(api.POST("/v1/repeats", { body }))).repeat;
}

/** Change what a repeat books from now on. Its sessions that are already booked stay. */
export async function changeRepeat(api: ApiClient, repeatId: string, body: Schemas["RepeatEdit"]): Promise<Repeat> {
  return (await data(api.PATCH("/v1/repeats/{repeatId}", { params: { path: { repeatId } }, body }))).repeat;
}

/** End a repeat, and cancel its unchanged sessions ahead if `isCancelling` is set. A repeated end has no further effect. */
export async function endRepeat(api: ApiClient, repeatId: string, isCancelling: boolean): Promise<void> {
  const query = isCancelling ? { sessions: "cancel" as const } : {};
  await data(api.DELETE("/v1/repeats/{repeatId}", { params: { path: { repeatId }, query } }));
  // With an old key the same wish would get the response of a cancelled session.
  if (isCancelling) forgetKeys();
}

/** Fetch the repeats again, and every view of the sessions that they book. */
export async function refreshRepeats(queries: QueryClient): Promise<void> {
  await Promise.all([queries.invalidateQueries({ queryKey: REPEATS }), refreshBookings(queries)]);
}
