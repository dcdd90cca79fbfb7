import { expect, test } from "vitest";
import { formatLocale } from "./locale";

test("numbers and dates follow the region of the browser in the language of the page", () => {
  expect(formatLocale("ar", ["en-GB", "ar-EG"])).toBe("ar-EG");
  expect(formatLocale("en", ["de-AT", "de"])).toBe("en-AT");
  expect(formatLocale("de", ["de"])).toBe("de");
  expect(formatLocale("de", ["en", "fr-CH"])).toBe("de-CH");
  expect(formatLocale("de", [])).toBe("de");
  expect(formatLocale("de", ["fr-FR@posix", "fr-CH"])).toBe("de-CH");
});
