import { ErrorBoundary, LocationProvider, lazy, Route, Router } from "preact-iso";
import { useApp } from "../app_context";
import { texts } from "../i18n/language";
import { Navigation } from "./Navigation";
import { Welcome } from "./Welcome";

const Calendar = lazy(() => import("../screens/calendar/Calendar"));

/** The frame of all screens. Without a member it shows the way in. */
export function Layout() {
  const { session } = useApp();
  const isSignedIn = session.state.value.kind === "signed_in";
  return (
    <LocationProvider>
      <a class="skip" href="#content">
        {texts.value.layout.skip}
      </a>
      <Navigation />
      <main id="content" tabIndex={-1}>
        {isSignedIn ? (
          <ErrorBoundary>
            <Router>
              <Route path="/" component={Calendar} />
              <Route default component={NotFound} />
            </Router>
          </ErrorBoundary>
        ) : (
          <Welcome />
        )}
      </main>
    </LocationProvider>
  );
}

function NotFound() {
  return <p>{texts.value.layout.notFound}</p>;
}
