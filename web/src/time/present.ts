import { computed, signal } from "@preact/signals";
import { clockOffset } from "./clock";

const TICK_MILLISECONDS = 10_000;

const device = signal(Date.now());

/** The present instant by the clock of the service, which advances every 10 seconds. What has started follows it. */
export const present = computed(() => new Date(device.value + clockOffset.value));

setInterval(() => {
  device.value = Date.now();
}, TICK_MILLISECONDS);
