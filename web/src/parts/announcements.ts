import { signal } from "@preact/signals";

/** A message to the member. A failure is read out at once, and stays until it is closed. */
export interface Announcement {
  id: number;
  text: string;
  kind: "success" | "failure" | "news";
}

/** The messages on the page, oldest first. */
export const announcements = signal<readonly Announcement[]>([]);

/** The number of open dialogs. The page behind a dialog is inert, so messages show within it. */
export const openDialogs = signal(0);

const MOST = 4;
const SHOWN_MILLISECONDS = 8000;
let last = 0;

/** Show a message. An equal message that is still shown is replaced. */
export function announce(text: string, kind: Announcement["kind"] = "success"): void {
  const made = { id: ++last, text, kind };
  announcements.value = [...announcements.value.filter((shown) => shown.text !== text), made].slice(-MOST);
  if (kind !== "failure") setTimeout(() => dismiss(made.id), SHOWN_MILLISECONDS);
}

/** Remove a message. */
export function dismiss(id: number): void {
  announcements.value = announcements.value.filter((shown) => shown.id !== id);
}
