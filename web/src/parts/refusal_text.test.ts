import { expect, test } from "vitest";
import { ConnectionLost, Refusal } from "../api/refusal";
import { makingRefusalText, refusalText } from "./refusal_text";

test("only what is sent with a key says that nothing happens twice", () => {
  expect(refusalText(new ConnectionLost())).toContain("nothing happens twice");
  expect(makingRefusalText(new ConnectionLost())).toBe(
    "The connection was lost. It may have worked all the same, so look at the list before you try again.",
  );
  expect(makingRefusalText(new Refusal("busy", 503, ""))).toContain("The service is busy.");
});
