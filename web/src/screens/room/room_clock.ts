import { useEffect, useState } from "preact/hooks";
import { clockOffset } from "../../time/clock";

const SECOND = 1000;

/** Return the present instant of the service in milliseconds, which advances every second. `ahead` is known since the entry. */
export function useRoomClock(ahead: number | null = null): number {
  const now = () => Date.now() + (ahead ?? clockOffset.value);
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), SECOND);
    return () => clearInterval(timer);
  }, []);
  return now();
}
