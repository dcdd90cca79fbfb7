import { useLocation } from "preact-iso";
import { isStaff, useMe } from "../api/me";
import { isSuspended } from "../api/suspension";
import { useApp } from "../app_context";
import { isolated, texts } from "../i18n/language";
import { leave, leaveForAnother } from "../push/leave";
import { currentPath } from "../sign_in/return_address";

/** The name of the product, the ways to the screens, and the signed-in member. */
export function Navigation() {
  const { config, session } = useApp();
  return (
    <header class="top">
      <a class="product" href="/">
        {config.productName}
      </a>
      {session.isMember.value && !isSuspended.value && <Member />}
    </header>
  );
}

const WAYS = [
  ["/", "calendar"],
  ["/favorites", "favoritesAvailability"],
  ["/sessions", "sessions"],
  ["/people", "people"],
  ["/invite-links", "inviteLinks"],
  ["/settings", "settings"],
] as const;
const STAFF_WAY = ["/staff", "staff"] as const;

function Member() {
  const { path: here } = useLocation();
  const app = useApp();
  const me = useMe();
  const { layout, signIn } = texts.value;
  return (
    <>
      <nav aria-label={layout.mainNavigation}>
        {(isStaff(me.data) ? [...WAYS, STAFF_WAY] : WAYS).map(([path, name]) => (
          <a key={path} href={path} aria-current={isWithin(here, path) ? "page" : undefined}>
            {layout[name]}
          </a>
        ))}
      </nav>
      <div class="member">
        <p>{me.data && layout.signedInAs(isolated(me.data.name))}</p>
        <button type="button" class="plain" onClick={() => leaveForAnother(app, currentPath())}>
          {signIn.another}
        </button>
        <button type="button" class="plain" onClick={() => leave(app)}>
          {layout.signOut}
        </button>
      </div>
    </>
  );
}

/** Return true for the path of a screen and those below it. The repeats are one of the lists of Sessions. */
function isWithin(here: string, path: string): boolean {
  if (here === "/repeats") return path === "/sessions";
  return here === path || (path !== "/" && here.startsWith(`${path}/`));
}
