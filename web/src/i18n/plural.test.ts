import { expect, test } from "vitest";
import { plural } from "./plural";

test("a count selects the form of its language", () => {
  const forms = { one: "{count} minute", two: "two", few: "{count} few", other: "{count} minutes" };
  expect(plural(forms, 1, "en")).toBe("1 minute");
  expect(plural(forms, 2, "en")).toBe("2 minutes");
  expect(plural(forms, 2, "ar")).toBe("two");
  expect(plural({ other: "{count} all" }, 1, "en")).toBe("1 all");
});
