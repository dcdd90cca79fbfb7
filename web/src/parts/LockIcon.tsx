import { texts } from "../i18n/language";

/** The lock of a locked-in session. Beside a text that says the same it is `decorative`. */
export function LockIcon({ decorative = false }: { decorative?: boolean }) {
  return decorative ? (
    <svg class="lock" aria-hidden="true" viewBox="0 0 16 16" width="16" height="16">
      <Shape />
    </svg>
  ) : (
    <svg class="lock" role="img" viewBox="0 0 16 16" width="16" height="16">
      <title>{texts.value.layout.lockedIn}</title>
      <Shape />
    </svg>
  );
}

function Shape() {
  return (
    <>
      <path d="M4.5 7V5a3.5 3.5 0 0 1 7 0v2" fill="none" stroke="currentColor" stroke-width="1.6" />
      <rect x="3" y="7" width="10" height="7" rx="1.6" fill="currentColor" />
    </>
  );
}
