import { ConnectionLost, Refusal } from "./refusal";

const MOST_RETRIES = 2;
const FIRST_DELAY = 500;
// A service that is busy for longer is not waited for: the member decides.
const LONGEST_WAIT = 10_000;

/** Return true for a request that may succeed when it is sent again. A refusal is final unless the service was busy. */
export function mayRetry(failures: number, error: unknown): boolean {
  return failures < MOST_RETRIES && isPassing(error);
}

/** Return the milliseconds before a retry: the time that the service asks for, then a random time that grows. */
export function retryDelay(failures: number, error: unknown, random: () => number = Math.random): number {
  const asked = error instanceof Refusal ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
  return asked + FIRST_DELAY * 2 ** failures * (0.5 + random() / 2);
}

function isPassing(error: unknown): boolean {
  if (error instanceof ConnectionLost) return true;
  return error instanceof Refusal && error.status >= 500 && (error.retryAfterSeconds ?? 0) * 1000 <= LONGEST_WAIT;
}
