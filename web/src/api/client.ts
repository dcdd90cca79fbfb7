import createFetchClient, { type Client } from "openapi-fetch";
import { readClock } from "../time/clock";
import { reachability } from "./reachability";
import { ConnectionLost, Refusal } from "./refusal";
import type { components, paths } from "./schema";
import { isSuspended } from "./suspension";

/** The schemas of the API by name, such as `Schemas["Session"]`. */
export type Schemas = components["schemas"];

/** A client with one typed method for each HTTP method, such as `api.GET("/v1/me")`. */
export type ApiClient = Client<paths>;

/**
 * The source of the bearer token. `renewed` asks for a new one in place of a refused one. Both throw without a connection.
 * `end` ends the sign-in, because the service refused the new one, too.
 */
export interface TokenSource {
  token(): Promise<string | null>;
  renewed(refused?: string): Promise<string | null>;
  end(refused: string): void;
}

// A request without a response in this time has failed. The largest response takes 5 seconds at 50 KB a second.
const LONGEST_MILLISECONDS = 20_000;

/** Return the address of the API, which is the origin of the page unless the page names another. */
function apiAddress(): string {
  const named = document.querySelector<HTMLMetaElement>('meta[name="lockstep-api"]')?.content ?? "";
  return (named || location.origin).replace(/\/$/, "");
}

/** Return a client that sends the member's token, and renews a refused token once. */
export function createApiClient(
  tokens: TokenSource,
  baseUrl: string = apiAddress(),
  longest: number = LONGEST_MILLISECONDS,
): ApiClient {
  const send = async (request: Request) => {
    const response = await sendWithToken(limited(request, longest), tokens);
    reachability.value = "reached";
    return response;
  };
  return createFetchClient<paths>({ baseUrl, fetch: send });
}

/** Send a request. After a refused token send a copy with a new one: the same method, body and idempotency key. */
async function sendWithToken(request: Request, tokens: TokenSource): Promise<Response> {
  const token = await tokens.token();
  if (!token) return fetch(request);
  // The body of a request can be read once.
  const copy = request.clone();
  const response = await fetch(withToken(request, token));
  // No cache answers a request with a token, so that the response is of now.
  readClock(response.headers.get("Date"));
  if (response.status !== 401) return response;
  const renewed = await tokens.renewed(token);
  if (!renewed) return response;
  const again = await fetch(withToken(copy, renewed));
  if (again.status === 401) tokens.end(renewed);
  return again;
}

function withToken(request: Request, token: string): Request {
  request.headers.set("Authorization", `Bearer ${token}`);
  return request;
}

/** Return a request that ends after a time, also while its response arrives. */
function limited(request: Request, milliseconds: number): Request {
  const ending = new AbortController();
  const end = () => ending.abort();
  request.signal.addEventListener("abort", end);
  AbortSignal.timeout(milliseconds).addEventListener("abort", end);
  return new Request(request, { signal: ending.signal });
}

interface Answer<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** Return the data of a response. Throws Refusal for a problem of the API, and ConnectionLost without a whole response. */
export async function data<Data>(answer: Promise<Answer<Data>>): Promise<Data> {
  const { data, error, response } = await received(answer);
  if (error === undefined && response.ok) return data as Data;
  const refusal = Refusal.of(error, response);
  if (refusal.code === "suspended") isSuspended.value = true;
  throw refusal;
}

async function received<Data>(answer: Promise<Answer<Data>>): Promise<Answer<Data>> {
  try {
    return await answer;
  } catch {
    // The connection failed, or ended within the response, or another server answered in place of the API.
    reachability.value = "lost";
    throw new ConnectionLost();
  }
}
