import { expect, test } from "vitest";
import { preferredLanguage } from "./language";

test("the chosen language comes before those of the browser, and English is the last", () => {
  expect(preferredLanguage("en", ["de-AT"])).toBe("en");
  expect(preferredLanguage("ar", ["de-AT"])).toBe("ar");
  expect(preferredLanguage(null, ["xx", "de-AT", "en-GB"])).toBe("de");
  expect(preferredLanguage(null, ["toString", "en-GB"])).toBe("en");
  expect(preferredLanguage("xx", ["yy"])).toBe("en");
});
