import type { Catalog } from "../catalog";

export const signIn: Catalog["signIn"] = {
  expired: "Deine Anmeldung ist abgelaufen. Melde dich noch einmal an, um weiterzumachen.",
  copyFirst:
    "Danach kommst du auf diese Seite zurück. Kopiere vorher, was du hier geschrieben hast und behalten möchtest.",
  again: "Noch einmal anmelden",
  another: "Nicht du?",
  waiting: "Du wirst angemeldet",
  notStarted: "Die App konnte nicht starten, weil der Dienst nicht geantwortet hat.",
};
