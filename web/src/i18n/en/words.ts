import type { Plural } from "../plural";

/** The words of several screens. */
export const words = {
  tryAgain: "Try again",
  cancel: "Cancel",
  save: "Save",
  saving: "Saving ...",
  revoke: "Revoke",
  book: "Book",
  booking: "Booking ...",
  keep: "Keep it",
  quietMode: "Quiet mode",
  seeAvailability: "See availability",
  minutes: { one: "{count} minute", other: "{count} minutes" } satisfies Plural,
};
