import { useQueryClient } from "@tanstack/preact-query";
import { useApp } from "../app_context";
import { data, type Schemas } from "./client";

/** A change of the member's profile and settings. Absent fields stay. */
export type ProfileChange = Schemas["ProfileBody"];

/** Return the function that changes the member's profile. Every view of it shows the answer. */
export function useProfileChange(): (change: ProfileChange) => Promise<void> {
  const { api } = useApp();
  const queries = useQueryClient();
  return async (change) => {
    const { user } = await data(api.PATCH("/v1/me", { body: change }));
    queries.setQueryData(["me"], user);
    // The slots that can be locked depend on the settings.
    await queries.invalidateQueries({
      predicate: ({ queryKey }) => ["calendar", "availability", "favorites-availability"].includes(String(queryKey[0])),
    });
  };
}
