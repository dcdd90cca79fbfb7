import { type InfiniteData, useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/preact-query";
import { useApp } from "../app_context";
import { present } from "../time/present";
import { type ApiClient, data, type Schemas } from "./client";
import { mayRetry } from "./retries";
import { type StaffPage, withSuspension } from "./staff_pages";

const STAFF = "staff";
// A search of the service ends after a part of the table. A part without a result leads to the next one.
const MOST_PARTS = 10;

// A read of reports, and a search, leave a line in the log. So nothing is read again by itself.
const READ_ONCE = {
  staleTime: "static",
  gcTime: 0,
  initialPageParam: "",
  getNextPageParam: ({ nextCursor }: { nextCursor?: string }) => nextCursor,
} as const;

/** Return the reports, newest first. Another number of the reading reads them from the beginning. */
export function useStaffReports(reading: number) {
  const { api } = useApp();
  return useInfiniteQuery({
    ...READ_ONCE,
    queryKey: [STAFF, "reports", reading],
    queryFn: ({ pageParam }) => data(api.GET("/v1/staff/reports", { params: { query: from(pageParam) } })),
    select: ({ pages }): Schemas["StaffReport"][] => pages.flatMap(({ reports }) => reports),
  });
}

/** Return the members with an id, or with a text in the name. Without a text nothing is requested. */
export function useStaffMembers(query: string, reading: number) {
  const { api } = useApp();
  return useInfiniteQuery({
    ...READ_ONCE,
    queryKey: [STAFF, "members", query, reading],
    queryFn: ({ pageParam }) => searchMembers(api, query, pageParam),
    select: ({ pages }): Schemas["FoundMember"][] => pages.flatMap(({ members }) => members),
    enabled: query !== "",
  });
}

/** Return the next members that a search finds, with the cursor for those after them. */
export async function searchMembers(api: ApiClient, query: string, cursor: string) {
  for (let part = 1, next = cursor; ; part++) {
    const found = await data(api.GET("/v1/staff/members", { params: { query: { query, ...from(next) } } }));
    if (found.members.length > 0 || !found.nextCursor || part === MOST_PARTS) return found;
    next = found.nextCursor;
  }
}

/** Return what staff have done, newest first. Another number of the reading reads it from the beginning. */
export function useStaffLog(reading: number) {
  const { api } = useApp();
  return useInfiniteQuery({
    ...READ_ONCE,
    queryKey: [STAFF, "log", reading],
    queryFn: ({ pageParam }) => data(api.GET("/v1/staff/log", { params: { query: from(pageParam) } })),
    select: ({ pages }): Schemas["ActOfStaff"][] => pages.flatMap(({ lines }) => lines),
  });
}

/** A change of a member's suspension. It has a reason, or lifts the suspension. */
export interface SuspensionChange {
  userId: string;
  reason: string | null;
}

/** Return the action that suspends a member, or lifts the suspension. The lists on the page follow it. */
export function useSuspensionChange() {
  const { api } = useApp();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (change: SuspensionChange) => sendChange(api, change),
    retry: mayRetry,
    onSuccess: (_, { userId, reason }) => {
      const byUserId = queries.getQueryData<Schemas["OwnProfile"]>(["me"])?.userId ?? "";
      const suspension = reason === null ? null : { at: present.value.toISOString(), reason, byUserId };
      queries.setQueriesData<InfiniteData<StaffPage>>({ queryKey: [STAFF] }, (shown) =>
        shown ? { ...shown, pages: shown.pages.map((page) => withSuspension(page, userId, suspension)) } : shown,
      );
    },
  });
}

async function sendChange(api: ApiClient, { userId, reason }: SuspensionChange): Promise<void> {
  const path = "/v1/staff/members/{userId}/suspension";
  const params = { path: { userId } };
  await data(reason === null ? api.DELETE(path, { params }) : api.PUT(path, { params, body: { reason } }));
}

function from(cursor: string): { cursor?: string } {
  return cursor ? { cursor } : {};
}
