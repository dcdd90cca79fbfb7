import { expect, test } from "vitest";
import { viewsToRead } from "./polling";

test("a page with a live connection reads nothing again", () => {
  expect(viewsToRead({ isReached: true, isLive: true, waited: 600_000 })).toBe("none");
});

test("a page without a live connection reads once a minute what others change", () => {
  expect(viewsToRead({ isReached: true, isLive: false, waited: 50_000 })).toBe("none");
  expect(viewsToRead({ isReached: true, isLive: false, waited: 60_000 })).toBe("live");
});

test("a page that does not reach the service tries all views at each step", () => {
  expect(viewsToRead({ isReached: false, isLive: true, waited: 10_000 })).toBe("all");
});
