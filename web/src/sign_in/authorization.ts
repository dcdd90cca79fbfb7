import * as oauth from "oauth4webapi";
import type { Provider } from "./provider";

/** The tokens of a member. They are kept in memory only. */
export interface Tokens {
  api: string;
  id: string | null;
  refresh: string | null;
  expiresAt: number;
}

/** The request that waits for its answer while the browser is at the provider. It holds no token. */
interface PendingRequest {
  state: string;
  nonce: string;
  verifier: string;
  returnTo: string;
}

/** A sign-in that did not succeed. `login_required` means that the provider knows no member of this browser. */
export class SignInFailed extends Error {
  constructor(readonly reason: string) {
    super(reason);
  }
}

const PENDING = "lockstep-web-sign-in";

/** Go to the provider. With `silent` the provider asks for nothing, and with `another` it asks for an account. */
export async function beginSignIn(
  provider: Provider,
  returnTo: string,
  { silent = false, another = false } = {},
): Promise<void> {
  const [state, nonce, verifier] = [
    oauth.generateRandomState(),
    oauth.generateRandomNonce(),
    oauth.generateRandomCodeVerifier(),
  ];
  const address = new URL(provider.server.authorization_endpoint as string);
  const query = {
    response_type: "code",
    client_id: provider.client.client_id,
    redirect_uri: provider.redirectUri,
    scope: address.searchParams.get("scope") ?? "openid profile",
    state,
    nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    ...(silent && { prompt: "none" }),
    ...(another && { prompt: "login" }),
  };
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
  sessionStorage.setItem(PENDING, JSON.stringify({ state, nonce, verifier, returnTo } satisfies PendingRequest));
  location.assign(address.href);
}

/** Return the tokens and the path to return to, from the address to which the provider returned. Throws SignInFailed. */
export async function finishSignIn(provider: Provider, address: URL): Promise<{ tokens: Tokens; returnTo: string }> {
  const pending = takePending();
  if (!pending) throw new SignInFailed("state");
  let parameters: URLSearchParams;
  try {
    parameters = oauth.validateAuthResponse(provider.server, provider.client, address, pending.state);
  } catch (error) {
    if (error instanceof oauth.AuthorizationResponseError) throw new SignInFailed(error.error);
    throw new SignInFailed("state");
  }
  const response = await oauth.authorizationCodeGrantRequest(
    provider.server,
    provider.client,
    oauth.None(),
    parameters,
    provider.redirectUri,
    pending.verifier,
    provider.options,
  );
  const result = await oauth.processAuthorizationCodeResponse(provider.server, provider.client, response, {
    expectedNonce: pending.nonce,
    requireIdToken: true,
  });
  return { tokens: tokensOf(provider, result), returnTo: pending.returnTo };
}

/** Return true if a provider refused a renewal. Otherwise it did not answer. */
export function isRefused(error: unknown): boolean {
  return error instanceof SignInFailed || error instanceof oauth.ResponseBodyError;
}

/** Return new tokens for a refresh token. Throws if the provider refuses it. */
export async function renewTokens(provider: Provider, tokens: Tokens): Promise<Tokens> {
  if (!tokens.refresh) throw new SignInFailed("no_refresh_token");
  const { server, client, options } = provider;
  const response = await oauth.refreshTokenGrantRequest(server, client, oauth.None(), tokens.refresh, options);
  const result = await oauth.processRefreshTokenResponse(server, client, response);
  const renewed = tokensOf(provider, result);
  return { ...renewed, refresh: renewed.refresh ?? tokens.refresh, id: renewed.id ?? tokens.id };
}

function tokensOf(provider: Provider, result: oauth.TokenEndpointResponse): Tokens {
  const api = provider.token === "id_token" ? result.id_token : result.access_token;
  if (!api) throw new SignInFailed("no_token");
  const seconds = result.expires_in ?? 300;
  return {
    api,
    id: result.id_token ?? null,
    refresh: result.refresh_token ?? null,
    expiresAt: Date.now() + seconds * 1000,
  };
}

function takePending(): PendingRequest | null {
  const text = sessionStorage.getItem(PENDING);
  sessionStorage.removeItem(PENDING);
  return text ? JSON.parse(text) : null;
}
