import { expect, test } from "vitest";
import { ConnectionLost, Refusal } from "../api/refusal";
import { faultsOf, faultyField } from "./form_faults";

const refusal = new Refusal("invalid_request", 422, "", [
  { field: "name", detail: "must not be empty" },
  { field: "name", detail: "must be a text" },
  { field: "email.kinds[1]", detail: "must be a kind" },
  { field: "apiKeys", detail: "You have 50 API keys." },
]);

test("each fault stands at its field, and a fault without a field stays", () => {
  const { placed, others } = faultsOf(refusal, ["name", "email.kinds"]);
  expect([...placed]).toEqual([
    ["name", "must not be empty"],
    ["email.kinds", "must be a kind"],
  ]);
  expect(others).toEqual([{ field: "apiKeys", detail: "You have 50 API keys." }]);
});

test("a field whose name begins like another one keeps its own faults", () => {
  const names = new Refusal("invalid_request", 422, "", [{ field: "nameOfPicture", detail: "is required" }]);
  expect(faultsOf(names, ["name"]).placed.size).toBe(0);
});

test("an error without fields has no faults", () => {
  expect(faultsOf(new ConnectionLost(), ["name"]).placed.size).toBe(0);
  expect([...faultsOf(faultyField("maxUses"), ["maxUses"]).placed.keys()]).toEqual(["maxUses"]);
});
