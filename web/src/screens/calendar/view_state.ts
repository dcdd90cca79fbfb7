import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { clockOffset } from "../../time/clock";
import { type Minutes, nextQuarter } from "./bookable_times";

/** The length of the sessions that the member books, and for which the demand is shown. */
export const chosenMinutes = signal<Minutes>(50);

/** Return true while the page has the width for a week. */
export function useIsWide(): boolean {
  const [query] = useState(() => matchMedia("(min-width: 700px)"));
  const [isWide, setWide] = useState(query.matches);
  useEffect(() => {
    const changed = () => setWide(query.matches);
    query.addEventListener("change", changed);
    return () => query.removeEventListener("change", changed);
  }, [query]);
  return isWide;
}

/** Return the present instant, which changes with each quarter hour. */
export function useNow(): number {
  const [device, setDevice] = useState(Date.now);
  const now = device + clockOffset.value;
  useEffect(() => {
    const timer = setTimeout(() => setDevice(Date.now()), nextQuarter(now) - now);
    return () => clearTimeout(timer);
  }, [now]);
  return now;
}
