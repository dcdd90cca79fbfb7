import { useApp } from "../app_context";
import { texts } from "../i18n/language";
import { currentPath } from "../sign_in/return_address";
import { endFarewell, isFarewell } from "./farewell";
import { LanguageChoice } from "./LanguageChoice";

/** The way in for a visitor, with the reason if a sign-in did not succeed. */
export function Welcome() {
  const { session } = useApp();
  const { layout } = texts.value;
  const state = session.state.value;
  const failures: Record<string, string> = layout.signInFailed;
  const isGone = isFarewell();

  function signIn() {
    endFarewell();
    session.signIn(currentPath());
  }

  return (
    <section class="welcome">
      <h1>{isGone ? layout.farewell : layout.welcome}</h1>
      <p>{isGone ? layout.farewellText : layout.welcomeText}</p>
      {state.kind === "failed" && <p role="alert">{failures[state.reason] ?? layout.signInFailed.failed}</p>}
      <button type="button" class="primary" onClick={signIn}>
        {layout.signIn}
      </button>
      <footer>
        <LanguageChoice />
      </footer>
    </section>
  );
}
