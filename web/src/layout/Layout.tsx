import { useEffect, useErrorBoundary, useRef } from "preact/hooks";
import { ErrorBoundary, LocationProvider, Route, Router, useLocation } from "preact-iso";
import { isSuspended } from "../api/suspension";
import { useApp } from "../app_context";
import { texts } from "../i18n/language";
import { ConnectionSign } from "../live/ConnectionSign";
import { NothingHere } from "../parts/NothingHere";
import { Toasts } from "../parts/Toasts";
import { ExpiredSignIn } from "./ExpiredSignIn";
import { Footer } from "./Footer";
import { Navigation } from "./Navigation";
import { usePageTitle } from "./page_title";
import { Suspended } from "./Suspended";
import { loadScreens, NotLoaded, screen } from "./screen";
import { Welcome } from "./Welcome";

const Calendar = screen(() => import("../screens/calendar/Calendar"));
const Favorites = screen(() => import("../screens/favorites/Favorites"));
const Sessions = screen(() => import("../screens/sessions/Sessions"));
const People = screen(() => import("../screens/people/People"));
const Profile = screen(() => import("../screens/availability/Profile"));
const Availability = screen(() => import("../screens/availability/Availability"));
const Repeats = screen(() => import("../screens/repeats/Repeats"));
const InviteLinks = screen(() => import("../screens/invite_links/InviteLinks"));
const Room = screen(() => import("../screens/room/Room"));
const Settings = screen(() => import("../screens/settings/Settings"));
const Staff = screen(() => import("../screens/staff/Staff"));

// The first screen is shown before the others are loaded.
const LOAD_SCREENS_MILLISECONDS = 5000;

/** The frame of all screens. Without a member it shows the way in. */
export function Layout() {
  const { config, session } = useApp();
  const isMember = session.isMember.value;
  const isActive = isMember && !isSuspended.value;
  useEffect(() => {
    const timer = isActive ? setTimeout(loadScreens, LOAD_SCREENS_MILLISECONDS) : undefined;
    return () => clearTimeout(timer);
  }, [isActive]);
  const content = useRef<HTMLElement>(null);
  usePageTitle(content, config.productName, isMember);
  return (
    <LocationProvider>
      <a class="skip" href="#content">
        {texts.value.layout.skip}
      </a>
      <Navigation />
      <ExpiredSignIn />
      {isActive && <ConnectionSign />}
      <main id="content" ref={content} tabIndex={-1}>
        {isActive && <Screens />}
        {isMember && !isActive && <Suspended />}
        {!isMember && <Welcome />}
      </main>
      <Footer />
      <Toasts />
    </LocationProvider>
  );
}

/** The screens by their paths. A screen that cannot be drawn is replaced by words until the member leaves it. */
function Screens() {
  const { path } = useLocation();
  const [error, reset] = useErrorBoundary((failure) => reportError(failure));
  useEffect(() => {
    if (error) reset();
  }, [path]);
  if (error) return <NotLoaded />;
  return (
    <ErrorBoundary>
      <Router onRouteChange={() => document.getElementById("content")?.focus()}>
        <Route path="/" component={Calendar} />
        <Route path="/favorites" component={Favorites} />
        <Route path="/sessions" component={Sessions} />
        <Route path="/sessions/past" component={Sessions} />
        <Route path="/people" component={People} />
        <Route path="/people/:userId" component={Profile} />
        <Route path="/people/:userId/availability" component={Availability} />
        <Route path="/repeats" component={Repeats} />
        <Route path="/invite-links" component={InviteLinks} />
        <Route path="/rooms/:pairId" component={Room} />
        <Route path="/settings" component={Settings} />
        <Route path="/staff" component={Staff} />
        <Route path="/staff/members" component={Staff} />
        <Route path="/staff/log" component={Staff} />
        <Route default component={NothingHere} />
      </Router>
    </ErrorBoundary>
  );
}
