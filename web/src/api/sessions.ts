import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/preact-query";
import { useApp } from "../app_context";
import { type ApiClient, data, type Schemas } from "./client";
import { mayRetry } from "./retries";

type Session = Schemas["Session"];

/** Return the member's sessions that overlap a range of instants. */
export function useSessions(start: string, end: string) {
  return useQuery(sessionsOptions(useApp().api, start, end));
}

/** Return the sessions of a range that moves with midnight. Those before stay shown until the new ones are there. */
export function useSessionsFromToday(start: string, end: string) {
  return useQuery(sessionsFromTodayOptions(useApp().api, start, end));
}

/** Return how the sessions of a range that moves with midnight are read. */
export function sessionsFromTodayOptions(api: ApiClient, start: string, end: string) {
  return { ...sessionsOptions(api, start, end), placeholderData: keepPreviousData };
}

function sessionsOptions(api: ApiClient, start: string, end: string) {
  return {
    queryKey: ["sessions", start, end],
    queryFn: async () => (await data(api.GET("/v1/sessions", { params: { query: { start, end } } }))).sessions,
  };
}

/** Return one session by its id, also a recently cancelled one. Without an id nothing is requested. */
export function useSession(sessionId: string | undefined) {
  return useQuery(sessionOptions(useApp().api, sessionId));
}

/** Return how one session is read. */
export function sessionOptions(api: ApiClient, sessionId: string | undefined) {
  const params = { path: { sessionId: sessionId ?? "" } };
  return {
    queryKey: ["session", sessionId],
    queryFn: async () => (await data(api.GET("/v1/sessions/{sessionId}", { params }))).session,
    enabled: sessionId !== undefined,
  };
}

/** A change of the title, the activity or the wishes of a session. What is left out stays. */
export type SessionEdit = Schemas["EditBody"];

/** Return the action that changes a session. Lists show the changed session at once. */
export function useEditSession(sessionId: string) {
  const { api } = useApp();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (body: SessionEdit) =>
      (await data(api.PATCH("/v1/sessions/{sessionId}", { params: { path: { sessionId } }, body }))).session,
    retry: mayRetry,
    onSuccess: (changed) => {
      queries.setQueriesData<Session[]>({ queryKey: ["sessions"] }, (listed) =>
        listed?.map((session) => (session.sessionId === sessionId ? changed : session)),
      );
    },
    onSettled: () => {
      for (const name of ["sessions", "session", "calendar"]) queries.invalidateQueries({ queryKey: [name] });
    },
  });
}
