const FAREWELL = "lockstep-farewell";

/** Remember in this tab that the account was deleted, until the next sign-in. */
export function rememberFarewell(): void {
  sessionStorage.setItem(FAREWELL, "yes");
}

/** Return true in a tab in which the account was deleted. */
export function isFarewell(): boolean {
  return sessionStorage.getItem(FAREWELL) !== null;
}

/** End the farewell, before another sign-in. */
export function endFarewell(): void {
  sessionStorage.removeItem(FAREWELL);
}
