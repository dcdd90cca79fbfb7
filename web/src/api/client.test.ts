import { afterEach, expect, test } from "vitest";
import { type Answer, HttpServer, type ReceivedRequest } from "../testing/http_server";
import { book, cancel } from "./booking";
import { type ApiClient, createApiClient, data, type TokenSource } from "./client";
import { reachability } from "./reachability";
import { ConnectionLost, Refusal } from "./refusal";
import { isSuspended } from "./suspension";

const WISH = { startTime: "2026-12-01T09:00:00Z", duration: 3_000_000 } as const;
const BOOKED: Answer = { status: 201, body: { session: { sessionId: "s" } } };
const refused = (status: number, code: string, headers = {}): Answer => ({
  status,
  headers,
  body: { code, detail: "words" },
});

let server: HttpServer | null = null;

afterEach(() => server?.stop());

/** The tokens of a member: the first is `old`, and each renewal makes another one. */
class Tokens implements TokenSource {
  renewals = 0;
  readonly ended: string[] = [];
  end = (refused: string) => void this.ended.push(refused);
  token = async () => (this.renewals ? `new${this.renewals}` : "old");
  renewed = async (refused?: string) => {
    if (refused === (await this.token())) this.renewals += 1;
    return this.token();
  };
}

async function connect(
  answer: (request: ReceivedRequest, number: number) => Answer | Promise<Answer>,
  tokens: TokenSource = new Tokens(),
  longest = 5000,
): Promise<ApiClient> {
  server = new HttpServer(answer);
  return createApiClient(tokens, await server.start(), longest);
}

const sent = (name: string) => server?.received.map(({ headers }) => headers[name]);

test("a refused token is renewed once, and the same body is sent again with the same idempotency key", async () => {
  const tokens = new Tokens();
  const api = await connect(
    ({ headers }) => (headers.authorization === "Bearer old" ? refused(401, "unauthenticated") : BOOKED),
    tokens,
  );
  expect(await book(api, WISH)).toEqual({ sessionId: "s" });
  expect(tokens.ended).toEqual([]);
  expect(sent("authorization")).toEqual(["Bearer old", "Bearer new1"]);
  expect(server?.received.map(({ method, body }) => [method, body])).toEqual([
    ["POST", JSON.stringify(WISH)],
    ["POST", JSON.stringify(WISH)],
  ]);
  expect(new Set(sent("idempotency-key")).size).toBe(1);
  expect(new Set(sent("content-type"))).toEqual(new Set(["application/json"]));
});

test("a token that is refused again is not renewed again, and ends the sign-in", async () => {
  const tokens = new Tokens();
  const api = await connect(() => refused(401, "unauthenticated"), tokens);
  await expect(data(api.GET("/v1/me"))).rejects.toMatchObject({ code: "unauthenticated" });
  expect([tokens.renewals, server?.received.length]).toEqual([1, 2]);
  expect(tokens.ended).toEqual(["new1"]);
});

test("a request that was refused while another renewed takes the new token", async () => {
  const tokens = new Tokens();
  const api = await connect(async ({ headers }) => {
    if (headers.authorization !== "Bearer old") return { status: 200, body: { user: {} } };
    await tokens.renewed("old");
    return refused(401, "unauthenticated");
  }, tokens);
  await data(api.GET("/v1/me"));
  expect(tokens.renewals).toBe(1);
  expect(sent("authorization")).toEqual(["Bearer old", "Bearer new1"]);
});

test("a renewal without a connection is a lost connection, and no refusal", async () => {
  const failing: TokenSource = {
    end: () => undefined,
    token: async () => "old",
    renewed: async () => {
      throw new TypeError("fetch failed");
    },
  };
  const api = await connect(() => refused(401, "unauthenticated"), failing);
  await expect(data(api.GET("/v1/me"))).rejects.toBeInstanceOf(ConnectionLost);
});

test.each<[string, Answer]>([
  ["no response", null],
  ["half a response", { status: 201, body: '{"session": {', cut: true }],
  ["the page of another server", { status: 200, body: "<html>Sign in to the Wi-Fi</html>" }],
])("%s is a lost connection, and the same key is sent again", async (_, first) => {
  const api = await connect((_request, number) => (number === 1 ? first : BOOKED));
  await expect(book(api, WISH)).rejects.toBeInstanceOf(ConnectionLost);
  expect(reachability.value).toBe("lost");
  await book(api, WISH);
  expect(reachability.value).toBe("reached");
  await book(api, WISH);
  const [lost, again, next] = sent("idempotency-key") ?? [];
  expect(again).toBe(lost);
  expect(next).not.toBe(lost);
});

test("a response that does not come in time is a lost connection", async () => {
  const never = () => new Promise<Answer>(() => undefined);
  const api = await connect(never, new Tokens(), 100);
  await expect(data(api.GET("/v1/me"))).rejects.toBeInstanceOf(ConnectionLost);
});

test("a refusal has its words and the seconds to wait, and ends the use of the key unless the service was busy", async () => {
  const answers = [refused(503, "busy", { "Retry-After": "2" }), refused(409, "not_available"), BOOKED];
  const api = await connect((_request, number) => answers[number - 1] ?? null);
  const busy = await book(api, WISH).catch((error: Refusal) => error);
  expect(busy).toMatchObject({ code: "busy", status: 503, detail: "words", retryAfterSeconds: 2 });
  await expect(book(api, WISH)).rejects.toBeInstanceOf(Refusal);
  await book(api, WISH);
  const [first, second, third] = sent("idempotency-key") ?? [];
  expect(second).toBe(first);
  expect(third).not.toBe(first);
});

test("two presses of one button send one key, and another wish has its own", async () => {
  const api = await connect(() => BOOKED);
  await Promise.all([book(api, WISH), book(api, WISH), book(api, { ...WISH, replace: true })]);
  const keys = sent("idempotency-key") ?? [];
  expect(keys.length).toBe(3);
  expect(new Set(keys).size).toBe(2);
});

test("after a cancel the same wish has another key, also if its response was lost", async () => {
  const api = await connect(({ method }, number) => {
    if (method === "DELETE") return { status: 204 };
    return number === 1 ? null : BOOKED;
  });
  await book(api, WISH).catch(() => null);
  await cancel(api, "s");
  await book(api, WISH);
  const [lost, , next] = sent("idempotency-key") ?? [];
  expect(next).not.toBe(lost);
});

test("only the refusal of a suspended member is known as a suspension", async () => {
  const api = await connect((_, number) => refused(403, number === 1 ? "forbidden" : "suspended"));
  const read = () => data(api.GET("/v1/me")).catch((error) => error.code);
  expect([await read(), isSuspended.value]).toEqual(["forbidden", false]);
  expect([await read(), isSuspended.value]).toEqual(["suspended", true]);
  isSuspended.value = false;
});
