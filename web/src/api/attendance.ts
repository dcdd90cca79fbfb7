import { useQuery } from "@tanstack/preact-query";
import { useApp } from "../app_context";
import { data } from "./client";

/** Return the member's attendance in the last 20 paired sessions that ended, which no other member sees (R39). */
export function useAttendance() {
  const { api } = useApp();
  return useQuery({
    queryKey: ["attendance"],
    queryFn: async () => (await data(api.GET("/v1/me/attendance"))).attendance,
    // It changes with the end of each session.
    staleTime: 0,
  });
}
