import { useMe } from "../api/me";
import { useApp } from "../app_context";
import { isolated, texts } from "../i18n/language";

/** The name of the product, the ways to the screens, and the signed-in member. */
export function Navigation() {
  const { config, session } = useApp();
  return (
    <header class="top">
      <a class="product" href="/">
        {config.productName}
      </a>
      {session.state.value.kind === "signed_in" && <Member />}
    </header>
  );
}

function Member() {
  const { session } = useApp();
  const me = useMe();
  const { layout } = texts.value;
  return (
    <>
      <nav aria-label={layout.mainNavigation}>
        <a href="/">{layout.calendar}</a>
      </nav>
      <p class="member">{me.data && layout.signedInAs(isolated(me.data.name))}</p>
      <button type="button" onClick={() => session.signOut()}>
        {layout.signOut}
      </button>
    </>
  );
}
