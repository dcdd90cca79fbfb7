import { expect, test } from "vitest";
import { chooseLanguage, language, preferredLanguage } from "./language";

test("the chosen language comes before those of the browser, and English is the last", () => {
  expect(preferredLanguage("en", ["de-AT"])).toBe("en");
  expect(preferredLanguage("ar", ["de-AT"])).toBe("ar");
  expect(preferredLanguage(null, ["xx", "de-AT", "en-GB"])).toBe("de");
  expect(preferredLanguage(null, ["toString", "en-GB"])).toBe("en");
  expect(preferredLanguage("xx", ["yy"])).toBe("en");
});

test("a language whose catalog does not load is refused, and the page keeps its own", async () => {
  const lost = async () => {
    throw new TypeError("Failed to fetch dynamically imported module");
  };
  await expect(chooseLanguage("de", lost)).rejects.toThrow(TypeError);
  expect(language.value).toBe("en");
});
