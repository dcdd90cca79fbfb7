/** Return the index in a menu after a key, or null for a key that does not move. The opener has the index 0. */
export function indexAfter(key: string, index: number, count: number): number | null {
  if (key === "Home") return 1;
  if (key === "End") return count - 1;
  // The opener is no part of the circle.
  if (key === "ArrowDown") return index >= count - 1 ? 1 : index + 1;
  if (key === "ArrowUp") return index <= 1 ? count - 1 : index - 1;
  return null;
}

/** Move the focus among the links and buttons of a region by a key. Return false for a key that does not move. */
export function focusedNext(region: HTMLElement | null, key: string): boolean {
  const targets = [...(region?.querySelectorAll<HTMLElement>("a, button") ?? [])];
  const index = targets.indexOf(document.activeElement as HTMLElement);
  const next = indexAfter(key, index, targets.length);
  if (next === null) return false;
  targets[next]?.focus();
  return true;
}
