import type { Catalog } from "../catalog";

export const availability: Catalog["availability"] = {
  availabilityOf: (name) => `Freie Zeiten von ${name}`,
  twoWeeks: "Wähle eine Zeit der nächsten zwei Wochen, um fest zu buchen.",
  none: "Gerade keine Zeiten zum Buchen.",
  lockLegend: "kennzeichnet die Zeiten, zu denen ihr zwei fest verabredet seid.",
  notAFavorite: (name) => `Fest buchen kannst du mit deinen Favoriten. ${name} gehört nicht dazu.`,
  lockInWith: (name) => `Fest buchen mit ${name}`,
  booked: (name, when) => `Du bist fest verabredet mit ${name}: ${when}.`,
  gone: "Diese Zeit ist gerade weg. Hier sind die übrigen Zeiten.",
  replaceTitle: "Deine andere Sitzung ersetzen?",
  replaceText: (name) =>
    `Du hast zu dieser Zeit schon eine andere Sitzung. Sie kann abgesagt werden, damit du mit ${name} fest verabredet bist.`,
  replace: "Absagen und buchen",
  lockedConflict:
    "Du bist zu dieser Zeit schon mit einem anderen Partner fest verabredet. Sage zuerst diese Sitzung ab.",
  backToProfile: (name) => `Profil von ${name}`,
  memberSince: "Mitglied seit",
  sessionsSoFar: "Sitzungen bisher",
  localTime: "Ortszeit",
  yourself: "So sehen dich andere.",
};
