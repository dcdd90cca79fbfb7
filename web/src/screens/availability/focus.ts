import type { RefObject } from "preact";

/** Move the focus to an element, unless the member has moved it to another place of the page meanwhile. */
export function focusWithin(region: RefObject<HTMLElement>, selector: string): void {
  const { current } = region;
  const isFree = document.activeElement === document.body || current?.contains(document.activeElement);
  if (isFree) current?.querySelector<HTMLElement>(selector)?.focus();
}
