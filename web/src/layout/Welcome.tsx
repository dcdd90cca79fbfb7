import { useApp } from "../app_context";
import { texts } from "../i18n/language";
import { LanguageChoice } from "./LanguageChoice";

/** The way in for a visitor, with the reason if a sign-in did not succeed. */
export function Welcome() {
  const { session } = useApp();
  const { layout } = texts.value;
  const state = session.state.value;
  const failures: Record<string, string> = layout.signInFailed;
  return (
    <section class="welcome">
      <h1>{layout.welcome}</h1>
      <p>{layout.welcomeText}</p>
      {state.kind === "failed" && <p role="alert">{failures[state.reason] ?? layout.signInFailed.failed}</p>}
      <button type="button" class="primary" onClick={() => session.signIn(location.pathname + location.search)}>
        {layout.signIn}
      </button>
      <footer>
        <LanguageChoice />
      </footer>
    </section>
  );
}
