import { expect, test } from "vitest";
import { preferredLanguage } from "./language";

test("the chosen language comes before those of the browser, and English is the last", () => {
  expect(preferredLanguage("en", ["de-AT"])).toBe("en");
  expect(preferredLanguage(null, ["xx", "en-GB"])).toBe("en");
  expect(preferredLanguage("xx", ["yy"])).toBe("en");
});
