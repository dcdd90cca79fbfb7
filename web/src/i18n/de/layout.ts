import type { PartialCatalog } from "../catalog";

export const layout: PartialCatalog["layout"] = {
  calendar: "Kalender",
  favoritesAvailability: "Freie Zeiten deiner Favoriten",
  sessions: "Sitzungen",
  people: "Leute",
  inviteLinks: "Einladungslinks",
  settings: "Einstellungen",
  signIn: "Anmelden",
  signOut: "Abmelden",
  signedInAs: (name) => `Angemeldet als ${name}`,
  mainNavigation: "Hauptmenü",
  skip: "Zum Inhalt springen",
  loading: "Wird geladen",
  language: "Sprache",
  welcome: "Seite an Seite arbeiten",
  welcomeText:
    "Buche eine Zeit, bekomme einen Partner und arbeitet Seite an Seite per Video. In einer festen Sitzung bleibt ihr Partner.",
  notFound: "Unter dieser Adresse gibt es nichts.",
  signInFailed: {
    state:
      "Diese Anmeldung hat nicht in diesem Tab begonnen und wurde deshalb nicht verwendet. Bitte melde dich noch einmal an.",
    access_denied: "Du hast dich nicht angemeldet.",
    failed: "Die Anmeldung hat nicht geklappt. Bitte versuche es noch einmal.",
  },
};
