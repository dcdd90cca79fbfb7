import createFetchClient, { type Client, type Middleware } from "openapi-fetch";
import { ConnectionLost, Refusal } from "./refusal";
import type { components, paths } from "./schema";

/** The schemas of the API by name, such as `Schemas["Session"]`. */
export type Schemas = components["schemas"];

/** A client with one typed method for each HTTP method, such as `api.GET("/v1/me")`. */
export type ApiClient = Client<paths>;

/** The source of the bearer token. `renewed` asks for a new one, in place of the token that was refused. */
export interface TokenSource {
  token(): Promise<string | null>;
  renewed(refused?: string): Promise<string | null>;
}

/** Return the address of the API, which is the origin of the page unless the page names another. */
export function apiAddress(): string {
  const named = document.querySelector<HTMLMetaElement>('meta[name="lockstep-api"]')?.content ?? "";
  return (named || location.origin).replace(/\/$/, "");
}

/** Return a client that sends the member's token, and renews a refused token once. */
export function createApiClient(tokens: TokenSource): ApiClient {
  const client = createFetchClient<paths>({ baseUrl: apiAddress() });
  client.use(authentication(tokens));
  return client;
}

function authentication(tokens: TokenSource): Middleware {
  // The body of a request can be read once, so that a retry needs a copy.
  const copies = new Map<string, Request>();
  return {
    async onRequest({ request, id }) {
      const token = await tokens.token();
      if (token) request.headers.set("Authorization", `Bearer ${token}`);
      copies.set(id, request.clone());
      return request;
    },
    async onResponse({ response, id }) {
      const copy = copies.get(id);
      copies.delete(id);
      const refused = copy?.headers.get("Authorization")?.replace("Bearer ", "");
      if (response.status !== 401 || !copy || !refused) return undefined;
      const token = await tokens.renewed(refused);
      if (!token) return undefined;
      copy.headers.set("Authorization", `Bearer ${token}`);
      return fetch(copy);
    },
    onError({ id }) {
      copies.delete(id);
      return new ConnectionLost();
    },
  };
}

interface Answer<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** Return the data of a response. Throws Refusal for a problem of the API, and ConnectionLost without a response. */
export async function data<Data>(answer: Promise<Answer<Data>>): Promise<Data> {
  const { data, error, response } = await answer;
  if (error === undefined && response.ok) return data as Data;
  throw Refusal.of(error, response);
}
