import { expect, test } from "vitest";
import { makerOf } from "./browsers";

test.each([
  ["https://fcm.googleapis.com/fcm/send/abc", "chrome"],
  ["https://updates.push.services.mozilla.com/wpush/v2/abc", "firefox"],
  ["https://web.push.apple.com/abc", "safari"],
  ["https://wns2-par02p.notify.windows.com/w/?token=abc", "edge"],
  ["https://notgoogleapis.com/x", "other"],
  ["nothing", "other"],
])("the browser of %s is %s", (endpoint, maker) => {
  expect(makerOf(endpoint)).toBe(maker);
});
