import { expect, test } from "vitest";
import { addressOf } from "./address";

test("a text that is no address is null", () => {
  expect(addressOf("/sessions", "https://lockstep.example")?.href).toBe("https://lockstep.example/sessions");
  expect(addressOf("/sessions")).toBe(null);
  expect(addressOf("https://", "https://lockstep.example")).toBe(null);
});
