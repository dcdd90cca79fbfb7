import { useQuery } from "@tanstack/preact-query";
import { useApp } from "../app_context";
import { type ApiClient, data } from "./client";

/** Return the uses of the member's keys and browsers in the last 30 days, the latest day first (R35). */
export function useAccess() {
  const { api } = useApp();
  return useQuery({
    queryKey: ["access"],
    queryFn: async () => (await data(api.GET("/v1/me/access"))).uses,
    staleTime: 0,
  });
}

/** A file of the export: all data, or the sessions for a calendar program or a spreadsheet. */
export type ExportFormat = "json" | "ics" | "csv";

/** Return a file with data that the service stores about the member (R33). */
export async function exportAccount(api: ApiClient, format: ExportFormat): Promise<Blob> {
  if (format === "ics") return data(api.GET("/v1/me/export/calendar", { parseAs: "blob" }));
  if (format === "csv") return data(api.GET("/v1/me/export/sheet", { parseAs: "blob" }));
  const everything = await data(api.GET("/v1/me/export"));
  return new Blob([JSON.stringify(everything, null, 2)], { type: "application/json" });
}

/** Delete the account of the member for good (R33). */
export async function deleteAccount(api: ApiClient): Promise<void> {
  await data(api.DELETE("/v1/me"));
}
