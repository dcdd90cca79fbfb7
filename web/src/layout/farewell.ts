import { textStore } from "../sign_in/browser_page";

const tab = textStore(() => sessionStorage);
const FAREWELL = "lockstep-farewell";

/** Remember in this tab that the account was deleted, until the next sign-in. */
export function rememberFarewell(): void {
  tab.write(FAREWELL, "yes");
}

/** Return true in a tab in which the account was deleted. */
export function isFarewell(): boolean {
  return tab.read(FAREWELL) !== null;
}

/** End the farewell, before another sign-in. */
export function endFarewell(): void {
  tab.write(FAREWELL, null);
}
