import { useQuery } from "@tanstack/preact-query";
import { useApp } from "../app_context";
import { type ApiClient, data, type Schemas } from "./client";

/** Return the uses of the member's keys and browsers in the last 30 days, the latest day first (R35). */
export function useAccess() {
  const { api } = useApp();
  return useQuery({
    queryKey: ["access"],
    queryFn: async () => (await data(api.GET("/v1/me/access"))).uses,
    staleTime: 0,
  });
}

/** Return all data that the service stores about the member. */
export function exportAccount(api: ApiClient): Promise<Schemas["Export"]> {
  return data(api.GET("/v1/me/export"));
}

/** Delete the account of the member for good (R33). */
export async function deleteAccount(api: ApiClient): Promise<void> {
  await data(api.DELETE("/v1/me"));
}
