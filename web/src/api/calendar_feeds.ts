import { useQuery } from "@tanstack/preact-query";
import { useApp } from "../app_context";
import { type ApiClient, data } from "./client";

export const CALENDAR_FEEDS = ["calendar-feeds"];

/** Return the member's calendar feeds that are not revoked (R44). */
export function useCalendarFeeds() {
  const { api } = useApp();
  return useQuery({
    queryKey: CALENDAR_FEEDS,
    queryFn: async () => (await data(api.GET("/v1/calendar-feeds"))).calendarFeeds,
    refetchOnWindowFocus: "always",
  });
}

/** Make a calendar feed and return its address, which no later response contains. */
export async function makeCalendarFeed(api: ApiClient): Promise<string> {
  return (await data(api.POST("/v1/calendar-feeds"))).calendarFeed.url;
}

/** Revoke a calendar feed. */
export async function revokeCalendarFeed(api: ApiClient, calendarFeedId: string): Promise<void> {
  await data(api.DELETE("/v1/calendar-feeds/{calendarFeedId}", { params: { path: { calendarFeedId } } }));
}
