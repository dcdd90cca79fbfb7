/** The interval of the steps in milliseconds. */
export const STEP_MILLISECONDS = 10_000;
const POLL_MILLISECONDS = 60_000;

/** The connections of a page, and the milliseconds since it last read its views without one. */
export interface PollState {
  isReached: boolean;
  isLive: boolean;
  waited: number;
}

/**
 * Return which views to read again at a step. All of them while the service is not reached, as its first response ends
 * that state. Without a live connection those that others change, once a minute.
 */
export function viewsToRead({ isReached, isLive, waited }: PollState): "all" | "live" | "none" {
  if (!isReached) return "all";
  return !isLive && waited >= POLL_MILLISECONDS ? "live" : "none";
}
