import { QueryClient, QueryClientProvider } from "@tanstack/preact-query";
import { render } from "preact";
import { createApiClient, data } from "./api/client";
import { mayRetry, retryDelay } from "./api/retries";
import { AppContext } from "./app_context";
import { startLanguage } from "./i18n/language";
import { Layout } from "./layout/Layout";
import { MemberSession } from "./sign_in/member_session";
import { providerOf } from "./sign_in/provider";
import "./styles/page.css";

async function start(): Promise<void> {
  const anonymous = createApiClient({ token: async () => null, renewed: async () => null });
  const [config] = await Promise.all([data(anonymous.GET("/v1/config")), startLanguage()]);
  const session = new MemberSession(providerOf(config));
  const path = await session.start(new URL(location.href));
  if (session.state.value.kind === "unknown") return;
  history.replaceState(null, "", path);
  const queries = new QueryClient({
    defaultOptions: {
      queries: { retry: mayRetry, retryDelay, staleTime: 30_000 },
      // Without a network an action fails in words, instead of at an unknown time later.
      mutations: { networkMode: "always", retryDelay },
    },
  });
  const app = document.getElementById("app") as HTMLElement;
  app.replaceChildren();
  render(
    <AppContext.Provider value={{ api: createApiClient(session), config, session }}>
      <QueryClientProvider client={queries}>
        <Layout />
      </QueryClientProvider>
    </AppContext.Provider>,
    app,
  );
}

start();
