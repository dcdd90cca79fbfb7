import { useApp } from "../app_context";
import { texts } from "../i18n/language";
import { currentPath } from "../sign_in/return_address";
import "./sign_in.css";

/** The notice that the sign-in has expired. The screen below it stays, with what was typed there. */
export function ExpiredSignIn() {
  const { session } = useApp();
  const { signIn } = texts.value;
  return (
    <div role="alert">
      {session.state.value.kind === "expired" && (
        <p class="expired-sign-in">
          {signIn.expired}{" "}
          <button type="button" onClick={() => session.signIn(currentPath())}>
            {signIn.again}
          </button>
        </p>
      )}
    </div>
  );
}
