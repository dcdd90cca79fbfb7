import * as oauth from "oauth4webapi";
import type { Schemas } from "../api/client";

/** The OpenID provider of the deployment, and this app as its client. */
export interface Provider {
  server: oauth.AuthorizationServer;
  client: oauth.Client;
  /** The member of the provider's answer that the API accepts. */
  token: "id_token" | "access_token";
  redirectUri: string;
  options: { [oauth.allowInsecureRequests]?: boolean };
}

/** The path to which the provider returns. */
export const RETURN_PATH = "/sign-in";

/** Return the provider that a configuration names, or null without one. */
export function providerOf(config: Schemas["Config"]): Provider | null {
  const { issuer, clientId, authorizationEndpoint, tokenEndpoint, endSessionEndpoint } = config;
  if (!clientId || !authorizationEndpoint || !tokenEndpoint) return null;
  return {
    server: {
      issuer,
      authorization_endpoint: authorizationEndpoint,
      token_endpoint: tokenEndpoint,
      // The API verifies the signature. The page reads the claims of a token that it got from the provider itself.
      id_token_signing_alg_values_supported: ["RS256", "PS256", "ES256", "EdDSA"],
      ...(endSessionEndpoint ? { end_session_endpoint: endSessionEndpoint } : {}),
    },
    client: { client_id: clientId },
    token: config.apiToken ?? "access_token",
    redirectUri: location.origin + RETURN_PATH,
    // Only a provider of the local run has an address without TLS.
    options: { [oauth.allowInsecureRequests]: tokenEndpoint.startsWith("http://") },
  };
}
