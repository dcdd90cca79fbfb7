import { QueryClient, QueryObserver } from "@tanstack/preact-query";
import { expect, test, vi } from "vitest";
import { followFocus } from "./window_focus";

test.each(["focus", "visibilitychange"])("old data is read again after %s", async (name) => {
  const page = new EventTarget();
  followFocus(page);
  const queries = new QueryClient();
  queries.mount();
  let reads = 0;
  const observer = new QueryObserver(queries, { queryKey: ["sessions"], queryFn: () => ++reads });
  const leave = observer.subscribe(() => undefined);
  await vi.waitFor(() => expect(observer.getCurrentResult().data).toBe(1));
  page.dispatchEvent(new Event(name));
  await vi.waitFor(() => expect(observer.getCurrentResult().data).toBe(2));
  leave();
  queries.unmount();
});
