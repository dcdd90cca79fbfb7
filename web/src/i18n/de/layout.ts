import type { Catalog } from "../catalog";

export const layout: Catalog["layout"] = {
  calendar: "Kalender",
  favoritesAvailability: "Freie Zeiten deiner Favoriten",
  sessions: "Sitzungen",
  people: "Leute",
  inviteLinks: "Einladungslinks",
  settings: "Einstellungen",
  staff: "Team",
  signIn: "Anmelden",
  signOut: "Abmelden",
  signedInAs: (name) => `Angemeldet als ${name}`,
  mainNavigation: "Hauptmenü",
  skip: "Zum Inhalt springen",
  loading: "Wird geladen",
  close: "Schließen",
  lockedIn: "Fest verabredet",
  language: "Sprache",
  imprint: "Impressum",
  privacy: "Datenschutzerklärung",
  welcome: "Seite an Seite arbeiten",
  welcomeText:
    "Buche eine Zeit, bekomme einen Partner und arbeitet Seite an Seite per Video. In einer festen Sitzung bleibt ihr Partner.",
  farewell: "Auf Wiedersehen",
  farewellText:
    "Dein Konto ist gelöscht, und du bist abgemeldet. Danke für die gemeinsame Zeit. Du kannst mit einem neuen Konto wiederkommen, in einer Minute oder später.",
  suspended: {
    title: "Dein Konto ist gesperrt",
    text: (product) =>
      `Das Team von ${product} hat dein Konto gesperrt. Du kannst es nicht benutzen, und deine anstehenden Sitzungen sind abgesagt.`,
    contact: "Wenn du das für einen Irrtum hältst, schreibe dem Betreiber dieses Dienstes.",
    again: "Noch einmal nachsehen",
  },
  notFound: "Unter dieser Adresse gibt es nichts.",
  toCalendar: "Zum Kalender",
  signInIgnored:
    "Eine Anmeldung, die nicht in diesem Tab begonnen hat, wurde nicht verwendet. Du bist angemeldet wie zuvor.",
  signInFailed: {
    state:
      "Diese Anmeldung hat nicht in diesem Tab begonnen und wurde deshalb nicht verwendet. Bitte melde dich noch einmal an.",
    access_denied: "Du hast dich nicht angemeldet.",
    storage:
      "Dein Browser lässt die Anmeldung auf dieser Seite nicht zu. Erlaube ihr, Daten zu speichern, oder nimm einen anderen Browser.",
    connection: "Die Verbindung ist während der Anmeldung abgebrochen. Bitte melde dich noch einmal an.",
    failed: "Die Anmeldung hat nicht geklappt. Bitte versuche es noch einmal.",
  },
};
