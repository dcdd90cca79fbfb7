import type { Catalog } from "../catalog";

export const reports: Catalog["reports"] = {
  report: "Melden ...",
  reportOf: (name) => `${name} melden ...`,
  reportAbsent: "Deinen früheren Partner melden ...",
  title: (name) => `${name} melden`,
  titleAbsent: "Deinen früheren Partner melden",
  consequences: {
    secret: "Nur das Team dieses Dienstes liest es, mit beiden Namen und der Zeit der Sitzung.",
    unseen: "Das andere Mitglied erfährt nichts davon, und an euren Sitzungen ändert sich nichts.",
    again: "Wenn du diese Sitzung noch einmal meldest, ersetzt die neue Meldung die erste.",
    block: "Wenn ihr euch nicht mehr treffen sollt, blockiere dieses Mitglied auch auf seinem Profil.",
  },
  reason: "Was ist passiert?",
  reasons: {
    no_show: "Die Person kam nicht oder ging gleich wieder",
    behaviour: "Die Person hat sich mir gegenüber schlecht benommen",
    other: "Etwas anderes",
  },
  chooseReason: "Bitte wähle, was passiert ist.",
  text: "Mehr dazu (freiwillig)",
  textHint: "Höchstens 2.000 Zeichen.",
  send: "Meldung senden",
  sent: "Danke. Das Team hat deine Meldung.",
  noPartner: "In dieser Sitzung ist niemand mehr, den du melden könntest.",
  changed: "Dieser Partner ist nicht mehr in deiner Sitzung, deshalb wurde die Meldung nicht gesendet.",
};
