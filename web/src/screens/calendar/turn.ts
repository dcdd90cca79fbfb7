/** The turn of one action at a time. */
export class Turn {
  #isTaken = false;

  /** Return the result of an action, or null without starting it while another one runs. */
  async take<Result>(action: () => Promise<Result>): Promise<Result | null> {
    if (this.#isTaken) return null;
    this.#isTaken = true;
    try {
      return await action();
    } finally {
      this.#isTaken = false;
    }
  }
}
