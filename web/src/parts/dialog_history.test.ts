import { expect, test } from "vitest";
import { DialogHistory, type PageHistory } from "./dialog_history";

/** A history in memory, which goes back at once. */
class MemoryHistory implements PageHistory {
  readonly entries: unknown[] = [{ page: 1 }];
  dialogs = new DialogHistory(this);

  get state() {
    return this.entries.at(-1);
  }

  pushState(state: unknown): void {
    this.entries.push(state);
  }

  back(): void {
    this.entries.pop();
    this.dialogs.popped();
  }
}

/** Open a dialog whose closing removes it from the page. */
function opened(history: MemoryHistory, closed: string[], name: string) {
  const close = () => {
    closed.push(name);
    remove();
  };
  const remove = history.dialogs.enter(close);
  return { close, remove };
}

test("Back closes the last dialog and stays on the page", async () => {
  const [history, closed] = [new MemoryHistory(), [] as string[]];
  opened(history, closed, "outer");
  opened(history, closed, "inner");
  expect(history.entries).toEqual([{ page: 1 }, { page: 1, dialogs: 1 }, { page: 1, dialogs: 2 }]);
  history.back();
  await Promise.resolve();
  expect([closed, history.entries.length]).toEqual([["inner"], 2]);
  history.back();
  await Promise.resolve();
  expect([closed, history.entries]).toEqual([["inner", "outer"], [{ page: 1 }]]);
});

test("a dialog that closes otherwise takes its entry with it", async () => {
  const [history, closed] = [new MemoryHistory(), [] as string[]];
  history.dialogs.leave(opened(history, closed, "by its button").close);
  expect([closed, history.entries.length]).toEqual([["by its button"], 1]);
  opened(history, closed, "by the screen").remove();
  await Promise.resolve();
  expect([closed, history.entries.length]).toEqual([["by its button"], 1]);
});

test("a dialog in place of another one uses its entry, and one left by a link keeps the new page", async () => {
  const [history, closed] = [new MemoryHistory(), [] as string[]];
  opened(history, closed, "first").remove();
  const second = opened(history, closed, "second");
  await Promise.resolve();
  expect(history.entries.length).toBe(2);
  history.pushState(null);
  second.remove();
  await Promise.resolve();
  expect([closed, history.entries.length]).toEqual([[], 3]);
});
