import type { PartialCatalog } from "../catalog";

export const calendar: PartialCatalog["calendar"] = {
  title: "Kalender",
  book: "Buchen",
  length: "Dauer",
  minutes: { one: "{count} Minute", other: "{count} Minuten" },
};
