import { ConnectionLost, Refusal } from "./refusal";

const MOST_RETRIES = 2;

/** Return true for a read that may succeed when it is sent again. A refusal is final unless the service was busy. */
export function mayRetry(failures: number, error: unknown): boolean {
  const isPassing = error instanceof ConnectionLost || (error instanceof Refusal && error.status >= 500);
  return isPassing && failures < MOST_RETRIES;
}
