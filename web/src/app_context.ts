import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { ApiClient, Schemas } from "./api/client";
import type { MemberSession } from "./sign_in/member_session";

/** What every screen gets from the start of the app. */
export interface App {
  api: ApiClient;
  config: Schemas["Config"];
  session: MemberSession;
}

export const AppContext = createContext<App | null>(null);

/** Return the app of this page. */
export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error("A component is outside the app.");
  return app;
}
