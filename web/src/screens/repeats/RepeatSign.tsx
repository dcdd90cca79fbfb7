import { texts } from "../../i18n/language";

/** The sign of a session that a repeat has booked, with the way to the repeat. */
export function RepeatSign({ repeatId, describedBy }: { repeatId: string; describedBy?: string }) {
  return (
    <p>
      <svg class="repeat-sign" aria-hidden="true" viewBox="0 0 16 16" width="16" height="16">
        <path
          d="M3 8a5 5 0 0 1 8.5-3.5L13 6M13 2.5V6H9.5M13 8a5 5 0 0 1-8.5 3.5L3 10m0 3.5V10h3.5"
          fill="none"
          stroke="currentColor"
          stroke-width="1.6"
        />
      </svg>{" "}
      <a href={`/repeats#${repeatId}`} aria-describedby={describedBy}>
        {texts.value.repeats.sign}
      </a>
    </p>
  );
}
