import { afterEach, expect, test } from "vitest";
import { de } from "../i18n/de";
import { en } from "../i18n/en";
import { texts } from "../i18n/language";
import { partnerName } from "./former_member";

afterEach(() => {
  texts.value = en;
});

test("a deleted account has a name in the language of the page, and other members keep theirs", () => {
  expect(partnerName({ name: "Former member" })).toBe("Former member");
  texts.value = de;
  expect(partnerName({ name: "Former member" })).toBe("Ehemaliges Mitglied");
  expect(partnerName({ name: "Ben" })).toBe("Ben");
  expect(partnerName(undefined)).toBeUndefined();
});
