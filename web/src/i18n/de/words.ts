import type { Catalog } from "../catalog";

export const words: Catalog["words"] = {
  tryAgain: "Noch einmal versuchen",
  cancel: "Abbrechen",
  save: "Speichern",
  saving: "Wird gespeichert ...",
  revoke: "Widerrufen",
  book: "Buchen",
  booking: "Wird gebucht ...",
  keep: "Behalten",
  quietMode: "Ruhemodus",
  seeAvailability: "Freie Zeiten ansehen",
  minutes: { one: "{count} Minute", other: "{count} Minuten" },
};
