import * as oauth from "oauth4webapi";
import { ConnectionLost } from "../api/refusal";
import type { BrowserPage } from "./browser_page";
import type { Provider } from "./provider";
import { pathWithin } from "./return_address";
import { SignInFailed } from "./sign_in_failed";
import { isRefusal, type Tokens, tokensOf } from "./tokens";

/** The request that waits for its answer while the browser is at the provider. It holds no token. */
export interface PendingRequest {
  state: string;
  nonce: string;
  verifier: string;
  returnTo: string;
  /** True for a request that lets the provider ask for nothing. */
  isSilent: boolean;
  /** True for a request that follows a response which this tab did not ask for. */
  isAfterIgnored: boolean;
}

/** How the provider asks: for nothing, for an account, or as it likes. */
export type Prompt = "none" | "login" | null;

const PENDING = "lockstep-web-sign-in";

/** Go to the provider, which returns to the path afterwards. Throws SignInFailed if the browser stores nothing. */
export async function beginSignIn(
  provider: Provider,
  page: BrowserPage,
  returnTo: string,
  prompt: Prompt,
  isAfterIgnored = false,
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
    ...(prompt && { prompt }),
  };
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
  const isSilent = prompt === "none";
  const pending: PendingRequest = { state, nonce, verifier, returnTo, isSilent, isAfterIgnored };
  if (!page.tab.write(PENDING, JSON.stringify(pending))) throw new SignInFailed("storage");
  // The back button skips a page that asked for nothing.
  if (pending.isSilent) page.replace(address.href);
  else page.go(address.href);
}

/** Return the request of this tab and forget it, or null without one. State, nonce and verifier are used once. */
export function takePending(page: BrowserPage): PendingRequest | null {
  const text = page.tab.read(PENDING);
  page.tab.write(PENDING, null);
  try {
    const pending = JSON.parse(text ?? "null");
    return pending && { ...pending, returnTo: pathWithin(String(pending.returnTo), page.origin) };
  } catch {
    return null;
  }
}

/** Return the tokens for the provider's response in an address. Throws SignInFailed or ConnectionLost. */
export async function finishSignIn(provider: Provider, address: URL, pending: PendingRequest | null): Promise<Tokens> {
  if (!pending) throw new SignInFailed("state");
  const parameters = validated(provider, address, pending);
  const { server, client, redirectUri, options } = provider;
  try {
    const response = await oauth.authorizationCodeGrantRequest(
      ...([server, client, oauth.None(), parameters, redirectUri, pending.verifier, options] as const),
    );
    const checks = { expectedNonce: pending.nonce, requireIdToken: true };
    return tokensOf(provider, await oauth.processAuthorizationCodeResponse(server, client, response, checks));
  } catch (error) {
    // A response that is no valid answer is a failure, and no response at all is a lost connection.
    if (isRefusal(error) || error instanceof oauth.OperationProcessingError) throw new SignInFailed("failed");
    throw new ConnectionLost();
  }
}

function validated(provider: Provider, address: URL, pending: PendingRequest): URLSearchParams {
  try {
    return oauth.validateAuthResponse(provider.server, provider.client, address, pending.state);
  } catch (error) {
    throw new SignInFailed(error instanceof oauth.AuthorizationResponseError ? error.error : "state");
  }
}
