import { type QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/preact-query";
import { useApp } from "../app_context";
import { refreshBookings } from "./booking";
import { type ApiClient, data, type Schemas } from "./client";
import { mayRetry } from "./retries";

/** The favorites, snoozed and blocked members of the signed-in member. */
export type People = Schemas["People"];

/** A change of one relation to another member. `until` is the end of a snooze. */
export type RelationOfMember =
  | { relation: "favorite" | "block" | "watch"; holds: boolean }
  | { relation: "snooze"; until: string | null };

/** A change of one relation to the member with an id. */
export type RelationChange = RelationOfMember & { userId: string };

/** Return the lists of the People page. */
export function usePeople() {
  const { api } = useApp();
  return useQuery({ queryKey: ["people"], queryFn: () => data(api.GET("/v1/people")) });
}

/** Return the public profile of a member. */
export function useUser(userId: string) {
  const { api } = useApp();
  return useQuery({
    queryKey: ["user", userId],
    queryFn: async () => (await data(api.GET("/v1/users/{userId}", { params: { path: { userId } } }))).user,
  });
}

/** Return the action that changes a relation. A watch changes on the page at once, and back if it is refused. */
export function useChangeRelation() {
  const { api } = useApp();
  const queries = useQueryClient();
  return useMutation(relationOptions(api, queries));
}

/** Return how a change is sent, and how a watch shows meanwhile. */
export function relationOptions(api: ApiClient, queries: QueryClient) {
  return {
    mutationFn: (change: RelationChange) => send(api, change),
    retry: mayRetry,
    onMutate: async (change: RelationChange) => {
      if (change.relation !== "watch") return;
      await queries.cancelQueries({ queryKey: ["people"] });
      queries.setQueryData<People>(["people"], (shown) => watching(shown, change));
    },
    onError: (_: Error, change: RelationChange) => {
      if (change.relation !== "watch") return;
      const before = { ...change, holds: !change.holds };
      queries.setQueryData<People>(["people"], (shown) => watching(shown, before));
    },
    onSettled: () => {
      refreshRelations(queries);
    },
  };
}

function send(api: ApiClient, change: RelationChange): Promise<unknown> {
  const params = { params: { path: { userId: change.userId } } };
  if (change.relation === "snooze") {
    const path = "/v1/people/{userId}/snooze";
    return data(change.until ? api.PUT(path, { ...params, body: { until: change.until } }) : api.DELETE(path, params));
  }
  const path = `/v1/people/{userId}/${change.relation}` as const;
  return data(change.holds ? api.PUT(path, params) : api.DELETE(path, params));
}

function watching(shown: People | undefined, change: RelationChange): People | undefined {
  if (!shown || change.relation !== "watch") return shown;
  const favorites = shown.favorites.map((person) =>
    person.userId === change.userId ? { ...person, isWatched: change.holds } : person,
  );
  return { ...shown, favorites };
}

/** Fetch the lists and every view that a relation changes. */
async function refreshRelations(queries: QueryClient): Promise<void> {
  const isOfPeople = (name: unknown) => name === "people" || name === "user";
  await Promise.all([
    queries.invalidateQueries({ predicate: ({ queryKey }) => isOfPeople(queryKey[0]) }),
    refreshBookings(queries),
  ]);
}
