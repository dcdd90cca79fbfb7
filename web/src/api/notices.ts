import { useQuery, useQueryClient } from "@tanstack/preact-query";
import { useApp } from "../app_context";
import { data, type Schemas } from "./client";

const NOTICES = ["notices"];

/** Return the member's e-mail address, and the kinds of events for e-mail and push (R43). */
export function useNotices() {
  const { api } = useApp();
  return useQuery({
    queryKey: NOTICES,
    queryFn: () => data(api.GET("/v1/me/notices")),
    // The address is confirmed in another tab or on another device.
    refetchOnWindowFocus: "always",
  });
}

/** Return the function that changes the settings of notices. */
export function useNoticesChange(): (change: Schemas["NoticesBody"]) => Promise<void> {
  const { api } = useApp();
  const queries = useQueryClient();
  return async (change) => {
    queries.setQueryData(NOTICES, await data(api.PATCH("/v1/me/notices", { body: change })));
  };
}
