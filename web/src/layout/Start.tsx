import { texts } from "../i18n/language";
import "./sign_in.css";

/** The words while the provider is asked who is signed in, with a way on if it does not answer. */
export function Waiting({ onSignIn }: { onSignIn: () => void }) {
  return (
    <main class="start">
      <div role="status">
        <h1>{texts.value.signIn.waiting}</h1>
      </div>
      <button type="button" onClick={onSignIn}>
        {texts.value.layout.signIn}
      </button>
    </main>
  );
}

/** The words for an app that could not start, with a button to try again. */
export function NotStarted({ onRetry }: { onRetry: () => void }) {
  return (
    <main class="start">
      <div role="alert">
        <h1>{texts.value.signIn.notStarted}</h1>
      </div>
      <button type="button" onClick={onRetry}>
        {texts.value.words.tryAgain}
      </button>
    </main>
  );
}
