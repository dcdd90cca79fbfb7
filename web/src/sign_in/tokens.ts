import * as oauth from "oauth4webapi";
import { ConnectionLost } from "../api/refusal";
import type { Provider } from "./provider";
import { SignInFailed } from "./sign_in_failed";

/** The tokens of a member. They are kept in memory only. */
export interface Tokens {
  api: string;
  id: string | null;
  refresh: string | null;
  /** The member at the provider. */
  subject: string | undefined;
  renewAt: number;
  expiresAt: number;
}

// A token is renewed this time before its end, or in the last quarter of a shorter life.
const RENEW_AHEAD_SECONDS = 60;
const UNKNOWN_LIFE_SECONDS = 300;
const TOO_MANY_REQUESTS = 429;

/** Return the tokens in a provider's response. Throws SignInFailed without a token for the API. */
export function tokensOf(provider: Provider, result: oauth.TokenEndpointResponse): Tokens {
  const api = provider.token === "id_token" ? result.id_token : result.access_token;
  if (!api) throw new SignInFailed("no_token");
  const claims = oauth.getValidatedIdTokenClaims(result);
  const isIdToken = provider.token === "id_token" && claims;
  const seconds = (isIdToken ? claims.exp - claims.iat : result.expires_in) ?? UNKNOWN_LIFE_SECONDS;
  const refresh = result.refresh_token ?? null;
  const now = Date.now();
  return {
    api,
    id: result.id_token ?? null,
    refresh,
    subject: claims?.sub,
    renewAt: now + Math.max(seconds - RENEW_AHEAD_SECONDS, seconds * 0.75) * 1000,
    expiresAt: now + seconds * 1000,
  };
}

/** Return new tokens. Throws SignInFailed if the provider refuses them, and ConnectionLost without its answer. */
export async function renewTokens(provider: Provider, tokens: Tokens): Promise<Tokens> {
  if (!tokens.refresh) throw new SignInFailed("expired");
  const { server, client, options } = provider;
  let renewed: Tokens;
  try {
    const response = await oauth.refreshTokenGrantRequest(server, client, oauth.None(), tokens.refresh, options);
    renewed = tokensOf(provider, await oauth.processRefreshTokenResponse(server, client, response));
  } catch (error) {
    throw isRefusal(error) ? new SignInFailed("expired") : new ConnectionLost();
  }
  // A renewal is for the same member (OpenID Connect, section 12.2).
  if (renewed.subject && tokens.subject && renewed.subject !== tokens.subject) throw new SignInFailed("expired");
  return {
    ...renewed,
    refresh: renewed.refresh ?? tokens.refresh,
    id: renewed.id ?? tokens.id,
    subject: renewed.subject ?? tokens.subject,
  };
}

/** Revoke the refresh token, if there is one and the provider revokes them. A failure has no consequence. */
export async function revokeTokens(provider: Provider, tokens: Tokens): Promise<void> {
  const { server, client, options } = provider;
  if (!tokens.refresh || !server.revocation_endpoint) return;
  const send = options[oauth.customFetch] ?? fetch;
  try {
    await oauth.revocationRequest(server, client, oauth.None(), tokens.refresh, {
      ...options,
      // The page is left at once, and the request goes on.
      [oauth.customFetch]: (address: string, request: oauth.CustomFetchOptions<"POST", URLSearchParams>) =>
        send(address, Object.assign(request, { keepalive: true })),
    });
  } catch {
    // The refresh token is forgotten, and ends at its time.
  }
}

/** Return whether the provider has refused, and did not just fail to answer. */
export function isRefusal(error: unknown): boolean {
  if (error instanceof SignInFailed) return true;
  return error instanceof oauth.ResponseBodyError && error.status < 500 && error.status !== TOO_MANY_REQUESTS;
}
