import { useQuery } from "@tanstack/preact-query";
import { useApp } from "../app_context";
import { type ApiClient, data, type Schemas } from "./client";

export const API_KEYS = ["api-keys"];

/** Return the member's API keys that are not revoked. */
export function useApiKeys() {
  const { api } = useApp();
  return useQuery({
    queryKey: API_KEYS,
    queryFn: async () => (await data(api.GET("/v1/api-keys"))).apiKeys,
    refetchOnWindowFocus: "always",
  });
}

/** Make an API key and return its secret text, which no later response contains. */
export async function makeApiKey(api: ApiClient, body: Schemas["KeyBody"]): Promise<string> {
  return (await data(api.POST("/v1/api-keys", { body }))).apiKey.key;
}

/** Revoke an API key. */
export async function revokeApiKey(api: ApiClient, apiKeyId: string): Promise<void> {
  await data(api.DELETE("/v1/api-keys/{apiKeyId}", { params: { path: { apiKeyId } } }));
}
