import type { Schemas } from "../api/client";

/** Show the operator's color in place of our own. The service accepts only one on which white text is readable. */
export function showAccent({ accentColor }: Schemas["Config"]): void {
  if (accentColor) document.documentElement.style.setProperty("--accent", accentColor);
}
