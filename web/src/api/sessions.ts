import { useQuery } from "@tanstack/preact-query";
import { useApp } from "../app_context";
import { data } from "./client";

/** Return the member's sessions that overlap a range of instants. */
export function useSessions(start: string, end: string) {
  const { api } = useApp();
  return useQuery({
    queryKey: ["sessions", start, end],
    queryFn: async () => (await data(api.GET("/v1/sessions", { params: { query: { start, end } } }))).sessions,
  });
}
