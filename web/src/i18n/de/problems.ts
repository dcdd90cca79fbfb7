import type { Catalog } from "../catalog";

export const problems: Catalog["problems"] = {
  connection_lost: "Die Verbindung ist abgebrochen. Bitte versuche es noch einmal: Nichts passiert doppelt.",
  connection_lost_unsure:
    "Die Verbindung ist abgebrochen. Vielleicht hat es trotzdem geklappt: Sieh in der Liste nach, bevor du es noch einmal versuchst.",
  busy: "Der Dienst ist gerade ausgelastet. Bitte versuche es gleich noch einmal. Es wurde nichts geändert.",
  rate_limited: "Du hast eine Grenze erreicht. Bitte versuche es später noch einmal.",
  unauthenticated: "Deine Anmeldung ist abgelaufen. Bitte melde dich noch einmal an.",
  forbidden: "Das darfst du nicht.",
  suspended: "Dein Konto ist gesperrt.",
  not_found: "Das gibt es nicht mehr.",
  not_available:
    "Das lässt sich nicht mehr buchen. Ein anderes Mitglied war schneller, oder die freien Zeiten haben sich geändert.",
  time_conflict: "Du hast zu dieser Zeit schon eine andere Sitzung.",
  too_late: "Dafür ist es zu spät: Die Sitzung hat schon begonnen oder wurde abgesagt.",
  invalid_request: "Etwas in diesem Formular kann nicht verwendet werden.",
  other: "Das hat nicht geklappt. Bitte versuche es noch einmal.",
};
