import { useSignal } from "@preact/signals";
import { useApp } from "../app_context";
import { texts } from "../i18n/language";
import { Dialog } from "../parts/Dialog";
import { currentPath } from "../sign_in/return_address";
import "./sign_in.css";

/** The notice that the sign-in has expired. The screen below it stays, with what was typed there. */
export function ExpiredSignIn() {
  const { session } = useApp();
  const isClosed = useSignal(false);
  const { signIn } = texts.value;
  if (session.state.value.kind !== "expired") return null;
  const again = (
    <button type="button" class="primary" onClick={() => session.signIn(currentPath())}>
      {signIn.again}
    </button>
  );
  // A dialog, since another dialog may be open, and nothing outside the last one can be used.
  return isClosed.value ? (
    <p class="expired-sign-in">
      {signIn.expired} {again}
    </p>
  ) : (
    <Dialog title={signIn.expired} onClose={() => (isClosed.value = true)}>
      <p>{signIn.copyFirst}</p>
      {again}
    </Dialog>
  );
}
