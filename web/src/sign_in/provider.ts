import * as oauth from "oauth4webapi";
import type { Schemas } from "../api/client";
import { RETURN_PATH } from "./return_address";

/** The OpenID provider of the deployment, and this app as its client. */
export interface Provider {
  server: oauth.AuthorizationServer;
  client: oauth.Client;
  /** The member of the provider's answer that the API accepts. */
  token: "id_token" | "access_token";
  redirectUri: string;
  options: oauth.TokenEndpointRequestOptions;
}

// The clock of a device may be wrong by hours. The API judges the times of a token by its own clock.
const CLOCK_TOLERANCE_SECONDS = 86_400;
const PATIENCE_MILLISECONDS = 20_000;

/** Return the provider that a configuration names, or null without one. */
export function providerOf(config: Schemas["Config"], origin: string): Provider | null {
  const { issuer, clientId, authorizationEndpoint, tokenEndpoint, endSessionEndpoint, revocationEndpoint } = config;
  if (!clientId || !authorizationEndpoint || !tokenEndpoint) return null;
  return {
    server: {
      issuer,
      authorization_endpoint: authorizationEndpoint,
      token_endpoint: tokenEndpoint,
      // The API verifies the signature. The page reads the claims of a token that it got from the provider itself.
      id_token_signing_alg_values_supported: [
        ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
        ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
      ],
      ...(endSessionEndpoint ? { end_session_endpoint: endSessionEndpoint } : {}),
      ...(revocationEndpoint ? { revocation_endpoint: revocationEndpoint } : {}),
    },
    client: { client_id: clientId, [oauth.clockTolerance]: CLOCK_TOLERANCE_SECONDS },
    token: config.apiToken ?? "access_token",
    redirectUri: origin + RETURN_PATH,
    options: {
      // Only a provider of the local run has an address without TLS.
      [oauth.allowInsecureRequests]: tokenEndpoint.startsWith("http://"),
      signal: () => AbortSignal.timeout(PATIENCE_MILLISECONDS),
    },
  };
}
