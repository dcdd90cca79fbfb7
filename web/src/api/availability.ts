import { useQuery } from "@tanstack/preact-query";
import { useApp } from "../app_context";
import { data, type Schemas } from "./client";

/** A slot in which the member can lock in with another, or has done so. */
export type AvailableSlot = Schemas["AvailableSlot"];

/** A slot with the favorites who are available in it. */
export type SharedSlot = Schemas["SharedSlot"];

/** Return the slots of the next two weeks of one member. */
export function useAvailability(userId: string) {
  const { api } = useApp();
  return useQuery({
    queryKey: ["availability", userId],
    queryFn: async () =>
      (await data(api.GET("/v1/users/{userId}/availability", { params: { path: { userId } } }))).slots,
  });
}

/** Return the slots of the next two weeks of all favorites, by start. */
export function useFavoritesAvailability() {
  const { api } = useApp();
  return useQuery({
    queryKey: ["favorites-availability"],
    queryFn: async () => (await data(api.GET("/v1/availability/favorites"))).slots,
  });
}
