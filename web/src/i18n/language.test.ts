import { expect, test } from "vitest";
import { formatLocale, preferredLanguage } from "./language";

test("the chosen language comes before those of the browser, and English is the last", () => {
  expect(preferredLanguage("en", ["de-AT"])).toBe("en");
  expect(preferredLanguage("ar", ["de-AT"])).toBe("ar");
  expect(preferredLanguage(null, ["xx", "de-AT", "en-GB"])).toBe("de");
  expect(preferredLanguage(null, ["toString", "en-GB"])).toBe("en");
  expect(preferredLanguage("xx", ["yy"])).toBe("en");
});

test("numbers and dates follow the region of the browser in the language of the page", () => {
  expect(formatLocale("ar", ["en-GB", "ar-EG"])).toBe("ar-EG");
  expect(formatLocale("en", ["de-AT", "de"])).toBe("en-AT");
  expect(formatLocale("de", ["de"])).toBe("de");
  expect(formatLocale("de", ["en", "fr-CH"])).toBe("de-CH");
  expect(formatLocale("de", [])).toBe("de");
});
