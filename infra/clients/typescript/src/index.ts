import createFetchClient, { type Client, type ClientOptions } from "openapi-fetch";
import type { components, paths } from "./schema.js";

export type { operations, paths } from "./schema.js";

/** The schemas of the API by name, such as `Schemas["Session"]`. */
export type Schemas = components["schemas"];

/** A client with one typed method for each HTTP method, such as `client.GET("/v1/me")`. */
export type LockstepClient = Client<paths>;

export interface LockstepOptions extends Omit<ClientOptions, "headers"> {
  /** A bearer token of the configured issuer. */
  token?: string;
  /** A personal API key. */
  apiKey?: string;
}

/** Return a client of the service at `baseUrl`, with the credentials of one member or without any. */
export function createLockstepClient({ token, apiKey, ...options }: LockstepOptions): LockstepClient {
  const headers = {
    ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    ...(apiKey === undefined ? {} : { "X-API-KEY": apiKey }),
  };
  return createFetchClient<paths>({ ...options, headers });
}
