import { expect, test } from "vitest";
import { nextSessions } from "./next_sessions";

const session = (startTime: string, repeatId: string | null = "r", state = "waiting" as const) => ({
  startTime,
  repeatId,
  state,
});

test("the next sessions of a repeat are its own ones ahead, by start, without cancelled ones", () => {
  const [past, later, soon] = ["2026-12-01T09:00:00Z", "2026-12-08T09:00:00Z", "2026-12-03T09:00:00+00:00"];
  const found = nextSessions(
    [
      session(later),
      session(past),
      session(soon),
      session("2026-12-04T09:00:00Z", "other"),
      session("2026-12-04T10:00:00Z", null),
      { ...session("2026-12-05T09:00:00Z"), state: "cancelled" as const },
    ],
    "r",
    new Date(past),
  );
  expect(found.map(({ startTime }) => startTime)).toEqual([soon, later]);
});
