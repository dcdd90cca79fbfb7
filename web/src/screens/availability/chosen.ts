import { useEffect, useState } from "preact/hooks";
import { texts } from "../../i18n/language";
import { announce } from "../../parts/announcements";

/** Return the chosen key and its setter. A key that leaves the known ones is no choice any more, which the page says. */
export function useChosen(
  known: ReadonlySet<string>,
  onGone: () => void,
): [string | null, (key: string | null) => void] {
  const [chosen, choose] = useState<string | null>(null);
  const isGone = chosen !== null && !known.has(chosen);
  useEffect(() => {
    if (!isGone) return;
    choose(null);
    announce(texts.value.availability.gone, "failure");
    onGone();
  }, [isGone]);
  return [chosen, choose];
}
