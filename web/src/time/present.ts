import { signal } from "@preact/signals";

const TICK_MILLISECONDS = 10_000;

/** The present instant, which advances every 10 seconds. What has started or ended follows it. */
export const present = signal(new Date());

setInterval(() => {
  present.value = new Date();
}, TICK_MILLISECONDS);
