import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { lazy } from "preact-iso";
import { texts } from "../i18n/language";

type Load = () => Promise<{ default: ComponentType }>;

const LOADS: Load[] = [];

/** Return a screen whose files are loaded when it is first shown, or by `loadScreens`. */
export function screen(load: Load): ComponentType {
  LOADS.push(load);
  return lazy(() => load().catch(() => ({ default: NotLoaded })));
}

/** Load all screens, so that they also open without a network. */
export function loadScreens(): void {
  // A screen whose files do not load now is loaded when it is first shown.
  for (const load of LOADS) load().catch(() => undefined);
}

/** The words in place of a screen that did not load, or cannot be drawn. The whole page is loaded to try again. */
export function NotLoaded() {
  const { live, words } = texts.value;
  const reload = () => location.reload();
  useEffect(() => {
    addEventListener("online", reload);
    return () => removeEventListener("online", reload);
  }, []);
  return (
    <div role="alert">
      <h1>{live.notLoaded}</h1>
      <p>{live.notLoadedText}</p>
      <button type="button" onClick={reload}>
        {words.tryAgain}
      </button>
    </div>
  );
}
