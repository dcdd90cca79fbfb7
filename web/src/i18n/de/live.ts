import type { Catalog } from "../catalog";

export const live: Catalog["live"] = {
  paused: "Die laufenden Aktualisierungen pausieren. Wir verbinden uns neu.",
  offline:
    "Du bist offline. Was du siehst, ist vielleicht veraltet, und es lässt sich nichts ändern, bis du wieder online bist.",
  comesOnline: "Das erscheint hier, sobald du wieder online bist.",
  unreachable:
    "Der Dienst ist gerade nicht erreichbar. Was du siehst, ist vielleicht veraltet. Wir versuchen es weiter.",
  notLoaded: "Diese Seite konnte nicht geladen werden",
  notLoadedText: "Vielleicht bist du offline, oder es gibt eine neue Version der App. Es ist nichts verloren gegangen.",
  when: (day, time) => `${day}, ${time}`,
  events: {
    matched: (when, partner) => `Du arbeitest mit ${partner}: ${when}.`,
    matchedAfterDisplaced: (when, partner) =>
      `Dein Partner hat einen anderen Partner bekommen. Du arbeitest jetzt mit ${partner}: ${when}.`,
    matchedAfterCancel: (when, partner) => `Dein Partner hat abgesagt. Du arbeitest jetzt mit ${partner}: ${when}.`,
    matchedAfterStart: (when, partner) => `Du arbeitest jetzt mit ${partner}: ${when}. Komm in den Raum.`,
    lockedIn: (when, partner) => `Du bist fest verabredet mit ${partner}: ${when}.`,
    displaced: (when) => `Dein Partner hat einen anderen Partner bekommen. Wir suchen einen neuen: ${when}.`,
    partnerCancelled: (when) => `Dein Partner hat abgesagt. Wir suchen einen neuen: ${when}.`,
    starting: (when, partner) => `Deine Sitzung mit ${partner} beginnt bald: ${when}.`,
    startingAlone: (when) => `Deine Sitzung beginnt bald und hat noch keinen Partner: ${when}.`,
    unmatched: (when) => `Für deine Sitzung wurde kein Partner gefunden: ${when}.`,
    missed: (when) => `Du warst nicht rechtzeitig im Raum, also hat dein Partner um einen anderen gebeten: ${when}.`,
    favoriteAvailable: (when, favorite) => `Mit ${favorite} kannst du fest buchen: ${when}.`,
  },
};
