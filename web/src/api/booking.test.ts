import { MutationObserver, QueryClient, QueryObserver } from "@tanstack/preact-query";
import { afterEach, describe, expect, test } from "vitest";
import { type Answer, HttpServer, type ReceivedRequest } from "../testing/http_server";
import { book, bookOptions, cancel, takeOwnLock } from "./booking";
import { type ApiClient, createApiClient } from "./client";
import { type People, relationOptions } from "./people";
import { sessionsFromTodayOptions } from "./sessions";

const START = "2026-12-01T09:00:00Z";
const LOCK = { startTime: START, duration: 3_000_000, partnerId: "ben" } as const;
const BOOKED: Answer = { status: 201, body: { session: { sessionId: "s" } } };
const REFUSED: Answer = { status: 409, body: { code: "not_available", detail: "words" } };
const NEVER = new Promise<never>(() => undefined);

let server: HttpServer | null = null;

afterEach(() => server?.stop());

async function connect(answer: (request: ReceivedRequest) => Answer | Promise<Answer>): Promise<ApiClient> {
  server = new HttpServer(answer);
  return createApiClient(
    { token: async () => "token", renewed: async () => null, end: () => undefined },
    await server.start(),
  );
}

describe("a lock", () => {
  test("of this page is known by one event, also where that spells the start differently", async () => {
    await book(await connect(() => BOOKED), LOCK);
    expect(takeOwnLock("2026-12-01T09:00:00+00:00", "cy")).toBe(false);
    expect(takeOwnLock("2026-12-01T09:00:00+00:00", "ben")).toBe(true);
    expect(takeOwnLock(START, "ben")).toBe(false);
  });

  test("that was refused is not of this page", async () => {
    await book(await connect(() => REFUSED), LOCK).catch(() => null);
    expect(takeOwnLock(START, "ben")).toBe(false);
  });

  test("before a cancel is not of this page any more", async () => {
    const api = await connect(({ method }) => (method === "DELETE" ? { status: 204 } : BOOKED));
    await book(api, LOCK);
    await cancel(api, "s");
    expect(takeOwnLock(START, "ben")).toBe(false);
  });
});

/** Return a client of queries with a view that is shown and never arrives. */
function withViewOf(queryKey: readonly string[]): { queries: QueryClient; end: () => void } {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  return { queries, end: new QueryObserver(queries, { queryKey, queryFn: () => NEVER }).subscribe(() => undefined) };
}

test("a booking has its outcome before the views are fetched again", async () => {
  const { queries, end } = withViewOf(["sessions"]);
  const api = await connect(() => BOOKED);
  expect(await new MutationObserver(queries, bookOptions(api, queries)).mutate(LOCK)).toEqual({ sessionId: "s" });
  end();
});

test("a watch shows at once, and as before if its change is refused", async () => {
  const { queries, end } = withViewOf(["people"]);
  const shown = () => queries.getQueryData<People>(["people"])?.favorites.map(({ isWatched }) => isWatched);
  const seen: (boolean[] | undefined)[] = [];
  const person = (userId: string) => ({ userId, name: userId, photoUrl: null, isWatched: false });
  queries.setQueryData<People>(["people"], { favorites: [person("ben"), person("cy")], snoozed: [], blocked: [] });
  const api = await connect(() => {
    seen.push(shown());
    return REFUSED;
  });
  const watch = new MutationObserver(queries, relationOptions(api, queries));
  await expect(watch.mutate({ userId: "ben", relation: "watch", holds: true })).rejects.toThrow();
  expect([seen, shown()]).toEqual([[[true, false]], [false, false]]);
  end();
});

test("the sessions before midnight stay until those of the new day are there", async () => {
  const queries = new QueryClient();
  const api = await connect(() => ({ status: 200, body: { sessions: [] } }));
  const observer = new QueryObserver(queries, { ...sessionsFromTodayOptions(api, "a", "b"), enabled: false });
  queries.setQueryData(["sessions", "a", "b"], []);
  const end = observer.subscribe(() => undefined);
  observer.setOptions({ ...sessionsFromTodayOptions(api, "b", "c"), enabled: false });
  expect(observer.getCurrentResult().data).toEqual([]);
  end();
});
