import { afterEach, expect, test, vi } from "vitest";
import { dateText } from "./dates";

afterEach(() => vi.unstubAllGlobals());

test("a date follows the region of the browser", () => {
  vi.stubGlobal("navigator", { languages: ["en-GB"] });
  expect(dateText("2026-12-01")).toBe("1 Dec 2026");
});
