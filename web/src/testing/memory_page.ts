import type { BrowserPage, TextStore } from "../sign_in/browser_page";

export const ORIGIN = "https://app.example";

/** A store that a test can block. */
export class MemoryStore implements TextStore {
  readonly texts = new Map<string, string>();
  isBlocked = false;
  read(name: string): string | null {
    return this.texts.get(name) ?? null;
  }
  write(name: string, text: string | null): boolean {
    if (text === null) this.texts.delete(name);
    else if (!this.isBlocked) this.texts.set(name, text);
    return !this.isBlocked;
  }
}

/** A page that records where it was sent. */
export class MemoryPage implements BrowserPage {
  readonly origin = ORIGIN;
  readonly tab = new MemoryStore();
  readonly visited: URL[] = [];
  constructor(readonly browser = new MemoryStore()) {}
  go = (address: string) => void this.visited.push(new URL(address));
  replace = this.go;

  /** The address that the page visited last. */
  get at(): URL {
    return this.visited.at(-1) as URL;
  }
}
