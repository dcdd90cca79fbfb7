import { useEffect, useState } from "preact/hooks";
import { clockOffset } from "../../time/clock";

const SECOND = 1000;
// The clock of the page is wrong by less than this.
const INEXACT_MILLISECONDS = 60 * SECOND;

/** Return by how many milliseconds the service is ahead: as read at the entry, unless a clock was set since then. */
export function exactOffset(ahead: number | null, offset: number): number {
  return ahead !== null && Math.abs(ahead - offset) < INEXACT_MILLISECONDS ? ahead : offset;
}

/** Return the present instant of the service in milliseconds, which advances every second. */
export function useRoomClock(ahead: number | null = null): number {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), SECOND);
    return () => clearInterval(timer);
  }, []);
  return Date.now() + exactOffset(ahead, clockOffset.value);
}
