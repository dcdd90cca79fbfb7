import { expect, test } from "vitest";
import { en } from "../../i18n/en";
import { isolated } from "../../i18n/language";
import { lostText, offered } from "./partner_choice";

const AT = Date.parse("2026-12-01T09:15:00Z");
const NOOR = { userId: "noor", name: "Noor", photoUrl: null, locked: false, lockable: true, minutes: 50 } as const;
const CHOICE = { userId: "noor", name: "Noor", at: AT };

test("a chosen partner is offered until another member locks in with that partner", () => {
  expect(offered([NOOR], CHOICE)).toEqual(NOOR);
  expect(offered([{ ...NOOR, locked: true }], CHOICE)).toBe(null);
  expect(offered([], CHOICE)).toBe(null);
  expect(offered([NOOR], null)).toBe(null);
});

test("the loss of a partner has words, other ones for another start", () => {
  expect(lostText(CHOICE, AT)).toBe(en.calendar.wasFaster(isolated("Noor")));
  expect(lostText(CHOICE, AT + 900_000)).toBe(en.calendar.panel.notThen(isolated("Noor")));
});
