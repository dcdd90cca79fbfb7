import { effect } from "@preact/signals";
import { QueryClient, QueryClientProvider } from "@tanstack/preact-query";
import type { ComponentChildren } from "preact";
import { render } from "preact";
import { createApiClient, data, type Schemas } from "./api/client";
import { mayRetry, retryDelay } from "./api/retries";
import { followFocus } from "./api/window_focus";
import { AppContext } from "./app_context";
import { startLanguage, texts } from "./i18n/language";
import { showAccent } from "./layout/accent";
import { Layout } from "./layout/Layout";
import { NotStarted, Waiting } from "./layout/Start";
import { announce } from "./parts/announcements";
import { MemberSession } from "./sign_in/member_session";
import { providerOf } from "./sign_in/provider";
import { currentPath, pathWithoutCredentials } from "./sign_in/return_address";
import "./styles/page.css";

// A code in the address leaves it before anything else can read it.
const arrived = new URL(location.href);
forgetCredentials();
// The browser loads no page again for an address that differs in its fragment only.
addEventListener("popstate", forgetCredentials);

function forgetCredentials(): void {
  const path = pathWithoutCredentials(new URL(location.href));
  if (path !== currentPath()) history.replaceState(history.state, "", path);
}

async function start(): Promise<void> {
  const anonymous = createApiClient({ token: async () => null, renewed: async () => null, end: () => undefined });
  await startLanguage();
  try {
    showApp(await data(anonymous.GET("/v1/config")));
  } catch {
    show(<NotStarted onRetry={start} />);
  }
}

async function showApp(config: Schemas["Config"]): Promise<void> {
  showAccent(config);
  followFocus();
  const session = new MemberSession(providerOf(config, location.origin));
  const path = await session.start(arrived);
  if (session.state.value.kind === "unknown") {
    // The browser is on its way to the provider. A visitor who comes back from there asks again.
    addEventListener("pageshow", (event) => event.persisted && location.reload());
    show(<Waiting onSignIn={() => session.signIn(path)} />);
    return;
  }
  history.replaceState(history.state, "", path);
  if (session.hasIgnoredResponse) announce(texts.value.layout.signInIgnored, "news");
  const queries = new QueryClient({
    defaultOptions: {
      // A screen that is opened shows what it has, and reads again. Its parts share one read.
      queries: { retry: mayRetry, retryDelay, staleTime: 2_000 },
      // Without a network an action fails in words, instead of at an unknown time later.
      mutations: { networkMode: "always", retryDelay },
    },
  });
  // What one member has read is not shown to the next.
  effect(() => {
    if (!session.isMember.value) queries.clear();
  });
  show(
    <AppContext.Provider value={{ api: createApiClient(session), config, session }}>
      <QueryClientProvider client={queries}>
        <Layout />
      </QueryClientProvider>
    </AppContext.Provider>,
  );
}

function show(content: ComponentChildren): void {
  const app = document.getElementById("app") as HTMLElement;
  // The words for browsers that run no script are no part of the app.
  if (app.querySelector("noscript")) app.replaceChildren();
  render(content, app);
}

start();
