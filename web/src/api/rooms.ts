import { useMutation, useQuery, useQueryClient } from "@tanstack/preact-query";
import { useApp } from "../app_context";
import { clockAhead } from "../time/clock";
import { refreshBookings } from "./booking";
import { data, type Schemas } from "./client";
import { mayRetry } from "./retries";
import { sessionOptions } from "./sessions";

type Session = Schemas["Session"];

/** What opens the room of a session for its member (R41). */
export type RoomAccess = Schemas["Room"];

/** A session that the member has joined, with its room. */
export interface JoinedSession {
  session: Session;
  room: RoomAccess;
  /** The milliseconds by which the service is ahead of the device, or null if the response does not say. */
  ahead: number | null;
}

/** Return one session, read again after each pause of some milliseconds, or only after events. */
export function useFollowedSession(sessionId: string | undefined, pauseOf: (session: Session) => number | false) {
  const { api } = useApp();
  return useQuery({
    ...sessionOptions(api, sessionId),
    refetchInterval: ({ state }) => (state.data ? pauseOf(state.data) : false),
  });
}

/** Return the action that joins a session (R37). A repeated one has no further effect. */
export function useJoin(sessionId: string) {
  const { api } = useApp();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (): Promise<JoinedSession> => {
      const sent = Date.now();
      let date: string | null = null;
      const answer = api.POST("/v1/sessions/{sessionId}/join", { params: { path: { sessionId } } }).then((received) => {
        date = received.response.headers.get("Date");
        return received;
      });
      const joined = await data(answer);
      return { ...joined, ahead: clockAhead(date, sent, Date.now()) };
    },
    retry: mayRetry,
    onSettled: () => {
      refreshBookings(queries);
    },
  });
}

/** Return the action that asks for another partner in place of an absent one (R38). A repeated one has no further effect. */
export function useSecondChance(sessionId: string) {
  const { api } = useApp();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async () =>
      (await data(api.POST("/v1/sessions/{sessionId}/second-chance", { params: { path: { sessionId } } }))).session,
    retry: mayRetry,
    onSettled: () => refreshBookings(queries),
  });
}
