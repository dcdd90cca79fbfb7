import type { Catalog } from "../catalog";

export const forms: Catalog["forms"] = {
  saved: "Gespeichert.",
  correctFields: "Es wurde noch nichts gespeichert. Bitte berichtige die markierten Felder.",
  fault: (label, reason) => `${label}: ${reason}.`,
  copy: "Kopieren",
  copied: "Kopiert.",
  copyByHand: "Dein Browser hat es nicht zugelassen. Der Text ist markiert: Kopiere ihn mit der Tastatur.",
  once: "Das wird nur einmal angezeigt. Bewahre es sicher auf, bevor du das hier schließt.",
  share: "Teilen",
  close: "Fertig",
  expiry: {
    label: "Gilt bis",
    never: "Zum Widerruf",
    day: "Morgen um diese Zeit",
    week: "In 1 Woche",
    month: "In 30 Tagen",
    year: "In 1 Jahr",
    other: "Zu einer anderen Zeit ...",
    at: "Datum und Uhrzeit",
    zone: (zone) => `Nach der Uhr dieses Geräts (${zone}).`,
    fault: "Bitte wähle eine Zeit in der Zukunft.",
  },
};
