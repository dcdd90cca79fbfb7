import { expect, test } from "vitest";
import { Turn } from "./turn";

test("a second click has no result, and the first one keeps its refusal", async () => {
  const turn = new Turn();
  const refusal = { failure: new Error("time_conflict") };
  const clicks = [turn.take(async () => refusal), turn.take(async () => ({ failure: null }))];
  expect(await Promise.all(clicks)).toEqual([refusal, null]);
  expect(await turn.take(async () => "later")).toBe("later");
});
