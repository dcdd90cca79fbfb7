import { focusManager } from "@tanstack/preact-query";

const RETURNS = ["visibilitychange", "focus"] as const;

/** Let queries read again when a member returns to the page, also from a window beside it. */
export function followFocus(page: EventTarget = window): void {
  focusManager.setEventListener((onFocus) => {
    const read = () => onFocus();
    for (const name of RETURNS) page.addEventListener(name, read);
    return () => {
      for (const name of RETURNS) page.removeEventListener(name, read);
    };
  });
}
