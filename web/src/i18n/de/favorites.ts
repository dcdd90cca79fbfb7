import type { Catalog } from "../catalog";

export const favorites: Catalog["favorites"] = {
  lead: "Die Zeiten der nächsten zwei Wochen, zu denen du mit deinen Favoriten fest buchen kannst. Wähle einen Partner, und drücke dann auf „Buchen“.",
  filter: "Anzeigen",
  everyFavorite: "Alle Favoriten",
  noFavorites: "Du hast noch keine Favoriten.",
  howToAdd:
    "Arbeite mit einem Partner, den du magst, und füge ihn auf der Seite „Leute“ oder in seinem Profil zu deinen Favoriten hinzu.",
  toPeople: "Zur Seite „Leute“",
  nothingShared: "Keiner deiner Favoriten hat gerade Zeiten zum Buchen.",
  nothingSharedBy: (name) => `${name} hat gerade keine Zeiten zum Buchen.`,
  howToWatch:
    "Zeiten erscheinen, sobald Favoriten Sitzungen buchen. Beobachte einen Favoriten auf der Seite „Leute“, dann bekommst du eine Nachricht.",
};
