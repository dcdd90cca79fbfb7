import { expect, test } from "vitest";
import { en } from "../../i18n/en";
import { deliveryText } from "./delivery_text";

const words = en.settings.webhooks;
const attempt = { attempt: 1, delivered: false, status: null, reason: null };

test("the result of an attempt is said in words", () => {
  expect(deliveryText({ ...attempt, delivered: true, status: 204 }, words)).toBe("Delivered.");
  expect(deliveryText({ ...attempt, attempt: 0 }, words)).toBe("Not sent yet.");
  expect(deliveryText({ ...attempt, status: 500 }, words)).toBe("The receiver answered with the status 500.");
  expect(deliveryText({ ...attempt, reason: "timed_out" }, words)).toBe("The receiver did not answer in time.");
  // A newer service may have other reasons.
  expect(deliveryText({ ...attempt, reason: "of_tomorrow" }, words)).toBe("Not delivered.");
});
