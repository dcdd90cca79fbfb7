import { useQuery } from "@tanstack/preact-query";
import { useApp } from "../app_context";
import { type ApiClient, data, type Schemas } from "./client";

export const INVITE_LINKS = ["invite-links"];

/** Return the member's invite links that are not revoked (R25). */
export function useInviteLinks() {
  const { api } = useApp();
  return useQuery({
    queryKey: INVITE_LINKS,
    queryFn: async () => (await data(api.GET("/v1/invite-links"))).inviteLinks,
    // A guest may have used a link.
    staleTime: 0,
    refetchOnWindowFocus: "always",
  });
}

/** Make an invite link and return its address, which no later response contains. */
export async function makeInviteLink(api: ApiClient, body: Schemas["LinkBody"]): Promise<string> {
  return (await data(api.POST("/v1/invite-links", { body }))).inviteLink.url;
}

/** Revoke an invite link. */
export async function revokeInviteLink(api: ApiClient, inviteLinkId: string): Promise<void> {
  await data(api.DELETE("/v1/invite-links/{inviteLinkId}", { params: { path: { inviteLinkId } } }));
}
