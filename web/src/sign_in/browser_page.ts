/** Texts that a browser keeps by name. A browser that stores nothing returns null and false. */
export interface TextStore {
  read(name: string): string | null;
  /** Store a text, or remove it with null, and return whether that worked. */
  write(name: string, text: string | null): boolean;
}

/** The parts of a browser's page that the sign-in uses. */
export interface BrowserPage {
  origin: string;
  /** Texts of this tab. */
  tab: TextStore;
  /** Texts of all tabs of the origin. */
  browser: TextStore;
  /** Leave the page for another address. */
  go(address: string): void;
  /** Leave the page, which the back button then skips. */
  replace(address: string): void;
}

/** Return the page of this browser. */
export function browserPage(): BrowserPage {
  return {
    origin: location.origin,
    tab: textStore(() => sessionStorage),
    browser: textStore(() => localStorage),
    go: (address) => {
      // The entry of an open dialog becomes one of the page, since the page is left and the dialog does not go back.
      history.replaceState(null, "");
      location.assign(address);
    },
    replace: (address) => location.replace(address),
  };
}

/** Return a store over a Storage. A browser may throw at each use, and already when a page asks for the Storage. */
export function textStore(storage: () => Storage): TextStore {
  return {
    read(name) {
      try {
        return storage().getItem(name);
      } catch {
        return null;
      }
    },
    write(name, text) {
      try {
        if (text === null) storage().removeItem(name);
        else storage().setItem(name, text);
        return true;
      } catch {
        return false;
      }
    },
  };
}
