import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createApiClient } from "../api/client";
import { MemberSession } from "../sign_in/member_session";
import { type Answer, HttpServer } from "../testing/http_server";
import { MemoryPage } from "../testing/memory_page";
import { leave, leaveForAnother } from "./leave";

const ENDPOINT = "https://push.example/this";
const SUBSCRIPTIONS: Answer = {
  status: 200,
  body: { pushSubscriptions: [{ pushSubscriptionId: "p", endpoint: ENDPOINT }] },
};

let server: HttpServer;
let session: MemberSession;
let unsubscribe: () => Promise<boolean>;

beforeEach(() => {
  unsubscribe = vi.fn(async () => true);
  const subscription = { endpoint: ENDPOINT, unsubscribe: () => unsubscribe() };
  const registration = { pushManager: { getSubscription: async () => subscription } };
  vi.stubGlobal("navigator", { serviceWorker: { getRegistration: async () => registration } });
  vi.stubGlobal("window", { PushManager: {}, Notification: {} });
  session = new MemberSession(null, new MemoryPage());
  session.state.value = { kind: "signed_in" };
});

afterEach(() => {
  session.close();
  server.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function app(answer: () => Answer | Promise<Answer>) {
  server = new HttpServer(answer);
  return { api: createApiClient(session, await server.start(), 20_000), session };
}

const sent = () => server.received.map(({ method, path }) => `${method} ${path}`);

test.each([
  ["a sign-out", leave],
  ["a sign-in as another member", (of: Parameters<typeof leave>[0]) => leaveForAnother(of, "/")],
])("%s ends the push messages of this browser before the sign-in ends", async (_name, act) => {
  const given = await app(() => SUBSCRIPTIONS);
  let kindThen = "";
  unsubscribe = async () => {
    kindThen = session.state.value.kind;
    return true;
  };
  await act(given);
  expect([kindThen, session.state.value.kind]).toEqual(["signed_in", "signed_out"]);
  expect(sent()).toEqual(["GET /v1/push-subscriptions", "DELETE /v1/push-subscriptions/p"]);
});

test("a sign-out waits 2 seconds at the longest for a push service that does not answer", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const given = await app(() => SUBSCRIPTIONS);
  unsubscribe = () => new Promise<boolean>(() => undefined);
  const left = leave(given);
  await vi.advanceTimersByTimeAsync(1_900);
  expect(session.state.value.kind).toBe("signed_in");
  await vi.advanceTimersByTimeAsync(100);
  await left;
  expect(session.state.value.kind).toBe("signed_out");
});
