const FIRST_MILLISECONDS = 1000;
const LONGEST_MILLISECONDS = 60_000;

/** Return the pause before an attempt to connect: random, and up to twice as long after each failure. */
export function reconnectDelay(failures: number, random: () => number): number {
  const longest = Math.min(LONGEST_MILLISECONDS, FIRST_MILLISECONDS * 2 ** failures);
  // Half of the pause is random, so that the pages of many members do not connect together.
  return Math.round(longest * (0.5 + random() / 2));
}
