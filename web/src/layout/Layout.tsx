import { ErrorBoundary, LocationProvider, lazy, Route, Router } from "preact-iso";
import { useApp } from "../app_context";
import { texts } from "../i18n/language";
import { ConnectionSign } from "../live/ConnectionSign";
import { Toasts } from "../parts/Toasts";
import { ExpiredSignIn } from "./ExpiredSignIn";
import { Footer } from "./Footer";
import { Navigation } from "./Navigation";
import { Welcome } from "./Welcome";

const Calendar = lazy(() => import("../screens/calendar/Calendar"));
const Favorites = lazy(() => import("../screens/favorites/Favorites"));
const Sessions = lazy(() => import("../screens/sessions/Sessions"));
const People = lazy(() => import("../screens/people/People"));
const Profile = lazy(() => import("../screens/availability/Profile"));
const Availability = lazy(() => import("../screens/availability/Availability"));
const InviteLinks = lazy(() => import("../screens/invite_links/InviteLinks"));
const Settings = lazy(() => import("../screens/settings/Settings"));

/** The frame of all screens. Without a member it shows the way in. */
export function Layout() {
  const { config, session } = useApp();
  return (
    <LocationProvider>
      <a class="skip" href="#content">
        {texts.value.layout.skip}
      </a>
      <Navigation />
      <ExpiredSignIn />
      {session.isMember.value && <ConnectionSign />}
      <main id="content" tabIndex={-1}>
        {session.isMember.value ? (
          <ErrorBoundary>
            <Router
              onLoadEnd={() => arrive(config.productName)}
              onRouteChange={() => document.getElementById("content")?.focus()}
            >
              <Route path="/" component={Calendar} />
              <Route path="/favorites" component={Favorites} />
              <Route path="/sessions" component={Sessions} />
              <Route path="/sessions/past" component={Sessions} />
              <Route path="/people" component={People} />
              <Route path="/people/:userId" component={Profile} />
              <Route path="/people/:userId/availability" component={Availability} />
              <Route path="/invite-links" component={InviteLinks} />
              <Route path="/settings" component={Settings} />
              <Route default component={NotFound} />
            </Router>
          </ErrorBoundary>
        ) : (
          <Welcome />
        )}
      </main>
      <Footer />
      <Toasts />
    </LocationProvider>
  );
}

/** Name the page after its screen, for the browser's history and for screen readers. */
function arrive(product: string): void {
  const heading = document.querySelector("main h1")?.textContent;
  document.title = heading ? `${heading} · ${product}` : product;
}

function NotFound() {
  return <h1>{texts.value.layout.notFound}</h1>;
}
