import type { Plural } from "../plural";

export const calendar = {
  title: "Calendar",
  book: "Book",
  length: "Length",
  minutes: { one: "{count} minute", other: "{count} minutes" } satisfies Plural,
  none: "No sessions in this week.",
};
