import { signal } from "@preact/signals";

/** The result of the latest request of the page: a response, or none. */
export const reachability = signal<"reached" | "lost">("reached");
