// Uses of the client that must not compile. The compiler reports an `@ts-expect-error` without an error.
import type { LockstepClient, Schemas } from "lockstep-client";

export function nameOfPartner(session: Schemas["Session"]): string {
  // @ts-expect-error A session without a partner has one participant.
  return session.users[1].name;
}

export async function bookForAnHour(client: LockstepClient): Promise<void> {
  // @ts-expect-error No session lasts an hour.
  await client.POST("/v1/sessions", { body: { startTime: "2027-03-01T09:00:00Z", duration: 3600000 } });
  // @ts-expect-error A booking has a start.
  await client.POST("/v1/sessions", { body: { duration: 3000000 } });
}

export function isGone(problem: Schemas["ProblemDetails"]): boolean {
  // @ts-expect-error No problem has this code.
  return problem.code === "gone";
}
