import { afterEach, expect, test, vi } from "vitest";
import { initialOf } from "./initial";

const MARKED = "E\u0301va";

afterEach(() => vi.unstubAllGlobals());

test("the first letter has its accents", () => {
  expect([MARKED, "Noor", ""].map(initialOf)).toEqual(["E\u0301", "N", ""]);
});

test("an invisible character at the start is skipped", () => {
  expect(["\u200fNoor", "\u2068 \u200bOtto", "\u{1F600} Ada", "\u200b"].map(initialOf)).toEqual([
    "N",
    "O",
    "\u{1F600}",
    "",
  ]);
});

test("a browser without a segmenter shows the first character, also one of two units", () => {
  vi.stubGlobal("Intl", { DateTimeFormat: Intl.DateTimeFormat });
  expect([MARKED, "\u{1F600} Noor", ""].map(initialOf)).toEqual(["E", "\u{1F600}", ""]);
});
