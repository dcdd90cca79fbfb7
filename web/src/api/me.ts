import { useQuery } from "@tanstack/preact-query";
import { useApp } from "../app_context";
import { data, type Schemas } from "./client";

/** Return the profile of the signed-in member. */
export function useMe() {
  const { api } = useApp();
  return useQuery({
    queryKey: ["me"],
    queryFn: async () => (await data(api.GET("/v1/me"))).user,
    // Another tab may have changed the settings.
    refetchOnWindowFocus: "always",
  });
}

/** Return true for a member of staff (R47). */
export function isStaff(me: Schemas["OwnProfile"] | undefined): boolean {
  return me?.staff === true;
}
