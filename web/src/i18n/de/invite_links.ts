import type { Catalog } from "../catalog";

export const inviteLinks: Catalog["inviteLinks"] = {
  explanation:
    "Mit einem Einladungslink bucht jemand eine Sitzung mit dir, auch ohne zu deinen Favoriten zu gehören, und egal, wie deine Verfügbarkeit eingestellt ist. Wen du pausiert oder blockiert hast, kann das nicht.",
  lockedIn:
    "Eine Sitzung, die über deinen Einladungslink gebucht wurde, ist fest: Ihr zwei bleibt Partner, solange niemand von euch absagt.",
  newLink: "Neuer Einladungslink",
  target: "Was der Link anbietet",
  targetHint:
    "Die Zeiten sind die deiner eigenen Sitzungen der nächsten zwei Wochen, die noch nicht fest sind, auch derer, die du später buchst.",
  allTimes: "Alle meine freien Zeiten",
  earlierSession: "Eine Sitzung, die vorbei ist oder abgesagt wurde",
  uses: "Anzahl der Buchungen",
  usesHint: "Leer heißt: beliebig viele.",
  usesFault: "Bitte schreibe eine ganze Zahl ab 1, oder lass das Feld leer.",
  make: "Link anlegen",
  made: "Dein neuer Einladungslink",
  madeText: "Der Link ist angelegt.",
  address: "Adresse des Links",
  use: "Schicke ihn an die Person, mit der du arbeiten möchtest. Jeder Mensch, der ihn hat, kann ihn benutzen.",
  yours: "Deine Links",
  none: "Du hast keine Einladungslinks.",
  used: { one: "{count}-mal benutzt.", other: "{count}-mal benutzt." },
  most: { one: "Er gilt für {count} Buchung.", other: "Er gilt für {count} Buchungen." },
  usedOf: (used, most) => `${used} ${most}`,
  expires: (time) => `Er gilt bis ${time}.`,
  expired: (time) => `Er ist am ${time} abgelaufen.`,
  states: {
    usable: "Er kann benutzt werden.",
    expired: "Er ist abgelaufen.",
    used_up: "Er ist aufgebraucht.",
    locked_in: "Die Sitzung ist fest, daher bietet der Link nichts mehr an.",
    past: "Die Sitzung ist vorbei oder wurde abgesagt, daher bietet der Link nichts mehr an.",
  },
  revokeName: (link) => `Den Link widerrufen für: ${link}`,
  revokeQuestion: "Diesen Einladungslink widerrufen?",
  revokeExplanation: "Niemand kann mehr damit buchen. Sitzungen, die damit gebucht wurden, bleiben. Das ist endgültig.",
  revoked: "Der Link ist widerrufen.",
};
