import { useApp } from "../app_context";
import { isolated, texts } from "../i18n/language";
import { leave } from "../push/leave";
import { LanguageChoice } from "./LanguageChoice";

/** The page of a suspended member, who can only sign out (R47). */
export function Suspended() {
  const app = useApp();
  const { layout } = texts.value;
  return (
    <section class="welcome">
      <div role="alert">
        <h1>{layout.suspended.title}</h1>
        <p>{layout.suspended.text(isolated(app.config.productName))}</p>
      </div>
      <p>{layout.suspended.contact}</p>
      <p class="actions">
        <button type="button" class="primary" onClick={() => leave(app)}>
          {layout.signOut}
        </button>
        <button type="button" onClick={() => location.reload()}>
          {layout.suspended.again}
        </button>
      </p>
      <footer>
        <LanguageChoice />
      </footer>
    </section>
  );
}
