import { expect, test } from "vitest";
import { SignalLine } from "./signal_line";

test("a room gets the signals of its own session until it ends", () => {
  const line = new SignalLine();
  const heard: unknown[] = [];
  const end = line.listen("mine", (data) => heard.push(data));
  line.receive({ type: "signal", sessionId: "mine", data: 1 });
  line.receive({ type: "signal", sessionId: "other", data: 2 });
  end();
  line.receive({ type: "signal", sessionId: "mine", data: 3 });
  expect(heard).toEqual([1]);
});

test("a signal without a connection is not sent", () => {
  const line = new SignalLine();
  expect(line.send("mine", 1)).toBe(false);
  const sent: unknown[] = [];
  line.connect((message) => sent.push(message) > 0);
  expect(line.send("mine", { kind: "hello" })).toBe(true);
  expect(sent).toEqual([{ type: "signal", sessionId: "mine", data: { kind: "hello" } }]);
});
