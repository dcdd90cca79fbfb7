import { afterEach, expect, test } from "vitest";
import { HttpServer } from "../testing/http_server";
import { createApiClient } from "./client";
import { searchMembers } from "./staff";

let server: HttpServer | null = null;

afterEach(() => server?.stop());

/** Search in a table of some parts, of which one has a member. */
async function search(parts: number, withMember: number, cursor = "") {
  server = new HttpServer((_, number) => ({
    status: 200,
    body: {
      members: number === withMember ? [{ userId: "ada" }] : [],
      ...(number < parts && { nextCursor: `part-${number + 1}` }),
    },
  }));
  const token = async () => "token";
  const api = createApiClient({ token, renewed: token, end: () => undefined }, await server.start());
  const { members, nextCursor } = await searchMembers(api, "Ä da", cursor);
  return [members.map(({ userId }) => userId), nextCursor];
}

const cursors = () => server?.received.map(({ path }) => new URL(path, "http://a").searchParams.get("cursor"));

test("a search goes on through parts without a result, and stops at the first one with a member", async () => {
  expect(await search(5, 3)).toEqual([["ada"], "part-4"]);
  expect(cursors()).toEqual([null, "part-2", "part-3"]);
  expect(new URL(server?.received[2]?.path ?? "", "http://a").searchParams.get("query")).toBe("Ä da");
});

test("a search ends with the table", async () => {
  expect(await search(2, 0)).toEqual([[], undefined]);
  expect(cursors()).toEqual([null, "part-2"]);
});

test("a long search stops after 10 parts, from where the member can let it go on", async () => {
  expect(await search(50, 0, "from-here")).toEqual([[], "part-11"]);
  expect(cursors()?.[0]).toBe("from-here");
  expect(cursors()).toHaveLength(10);
});
