import { addressOf } from "../../api/address";

/** The makers of browsers, by the end of the host of their push services. */
const MAKERS = [
  ["googleapis.com", "chrome"],
  ["push.services.mozilla.com", "firefox"],
  ["push.apple.com", "safari"],
  ["notify.windows.com", "edge"],
] as const;

export type BrowserMaker = (typeof MAKERS)[number][1] | "other";

/** Return the browser that uses a push service, by the address of its subscription. */
export function makerOf(endpoint: string): BrowserMaker {
  const host = addressOf(endpoint)?.hostname ?? "";
  return MAKERS.find(([known]) => host === known || host.endsWith(`.${known}`))?.[1] ?? "other";
}
