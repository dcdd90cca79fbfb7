/** The parts of a browser's history that dialogs use. */
export type PageHistory = Pick<History, "state" | "pushState" | "back">;

/** The open dialogs as entries of the browser's history, so that Back closes a dialog and stays on the page. */
export class DialogHistory {
  readonly #open: (() => void)[] = [];

  constructor(readonly history: PageHistory) {}

  /** Add an entry for a dialog. Return the function that removes it when the dialog is no more on the page. */
  enter(close: () => void): () => void {
    this.#open.push(close);
    const dialogs = this.#open.length;
    // The entry of a dialog that was removed just now is used again.
    if (this.#depth < dialogs) this.history.pushState({ ...this.history.state, dialogs }, "");
    return () => {
      this.#open.splice(this.#open.indexOf(close), 1);
      queueMicrotask(() => this.#depth > this.#open.length && this.history.back());
    };
  }

  /** Close the last dialog by its entry, after which the page is at the entry below. */
  leave(close: () => void): void {
    if (this.#depth === this.#open.length && this.#open.at(-1) === close) this.history.back();
    else close();
  }

  /** Close the dialogs whose entries the browser has left. */
  popped(): void {
    for (const close of this.#open.slice(this.#depth).reverse()) close();
  }

  get #depth(): number {
    return this.history.state?.dialogs ?? 0;
  }
}
