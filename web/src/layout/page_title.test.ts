import { expect, test } from "vitest";
import { isolated } from "../i18n/language";
import { titleOf } from "./page_title";

test("a title has the heading without marks of direction, and the product alone before there is a heading", () => {
  expect(titleOf(`Availability of ${isolated("Noor")}`, "Lockstep")).toBe("Availability of Noor · Lockstep");
  expect(titleOf(" Noor", "Lockstep")).toBe("Noor · Lockstep");
  expect(titleOf("", "Lockstep")).toBe("Lockstep");
});
