import * as oauth from "oauth4webapi";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ConnectionLost } from "../api/refusal";
import { MemoryPage, ORIGIN } from "../testing/memory_page";
import { MemberSession } from "./member_session";
import { type Provider, providerOf } from "./provider";

const ISSUER = "https://sign-in.example/";
const CONFIG = {
  issuer: ISSUER,
  clientId: "app",
  authorizationEndpoint: `${ISSUER}authorize?scope=openid%20offline_access`,
  tokenEndpoint: `${ISSUER}token`,
  endSessionEndpoint: `${ISSUER}end`,
  revocationEndpoint: `${ISSUER}revoke`,
  apiToken: "id_token",
} as Parameters<typeof providerOf>[0];
const LIFE_SECONDS = 3600;

/** A provider that answers requests for tokens as each test says. */
class TokenEndpoint {
  readonly requests: URLSearchParams[] = [];
  nonce = "";
  subject = "ada";
  issuer = ISSUER;
  audience = "app";
  answer: "tokens" | "refusal" | "error" | "nothing" = "tokens";
  hasRefresh = true;
  held: Promise<void> | null = null;

  readonly fetch = async (_address: string, request: { body?: unknown }): Promise<Response> => {
    const fields = new URLSearchParams(request.body as URLSearchParams);
    const number = this.requests.push(fields);
    await this.held;
    if (this.answer === "nothing") throw new TypeError("fetch failed");
    if (this.answer === "error") return new Response("<h1>Busy</h1>", { status: 503 });
    if (this.answer === "refusal") return Response.json({ error: "invalid_grant" }, { status: 400 });
    return Response.json({
      token_type: "Bearer",
      access_token: `access ${number}`,
      id_token: await this.#idToken(fields.get("grant_type") === "authorization_code"),
      expires_in: LIFE_SECONDS,
      ...(this.hasRefresh && { refresh_token: `refresh ${number}` }),
    });
  };

  async #idToken(hasNonce: boolean): Promise<string> {
    const { privateKey } = (await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
      "sign",
    ])) as CryptoKeyPair;
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: this.issuer, aud: this.audience, sub: this.subject, iat: now, exp: now + LIFE_SECONDS };
    const parts = [{ alg: "ES256" }, { ...claims, ...(hasNonce && { nonce: this.nonce }) }];
    const text = parts.map((part) => base64url(new TextEncoder().encode(JSON.stringify(part)))).join(".");
    const algorithm = { name: "ECDSA", hash: "SHA-256" };
    const signature = await crypto.subtle.sign(algorithm, privateKey, new TextEncoder().encode(text));
    return `${text}.${base64url(new Uint8Array(signature))}`;
  }
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=/g, "");
}

let endpoint: TokenEndpoint;
let sessions: MemberSession[];

beforeEach(() => {
  endpoint = new TokenEndpoint();
  sessions = [];
  vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] });
});

afterEach(() => {
  for (const session of sessions) session.close();
  vi.useRealTimers();
});

function opened(page: MemoryPage, config: typeof CONFIG = CONFIG): MemberSession {
  const provider = providerOf(config, ORIGIN) as Provider;
  provider.options[oauth.customFetch] = endpoint.fetch;
  const session = new MemberSession(provider, page);
  sessions.push(session);
  return session;
}

/** Return the page's sign-in after the way to the provider and back. */
async function signedIn(page: MemoryPage, config = CONFIG): Promise<MemberSession> {
  await opened(page, config).signIn("/sessions?week=2");
  const session = opened(page, config);
  endpoint.nonce = page.at.searchParams.get("nonce") as string;
  expect(await session.start(response(page))).toBe("/sessions?week=2");
  return session;
}

function response(page: MemoryPage, changed: Record<string, string> = {}): URL {
  const address = new URL(`${ORIGIN}/sign-in`);
  const query = { code: "c", state: page.at.searchParams.get("state") ?? "", ...changed };
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
  return address;
}

function pass(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1000);
}

describe("a sign-in", () => {
  test("asks for a code with a challenge, and keeps no token outside the memory", async () => {
    const page = new MemoryPage();
    const session = await signedIn(page);
    const query = page.at.searchParams;
    expect(session.state.value).toEqual({ kind: "signed_in" });
    expect([query.get("response_type"), query.get("code_challenge_method")]).toEqual(["code", "S256"]);
    expect([query.get("scope"), query.get("redirect_uri")]).toEqual(["openid offline_access", `${ORIGIN}/sign-in`]);
    const verifier = endpoint.requests[0]?.get("code_verifier") as string;
    expect(await oauth.calculatePKCECodeChallenge(verifier)).toBe(query.get("code_challenge"));
    expect([...page.tab.texts, ...page.browser.texts]).toEqual([["lockstep-signed-in", "yes"]]);
  });

  test.each([
    ["another state", { state: "another" }, "state"],
    ["no state", { state: "" }, "state"],
    ["another issuer", { iss: "https://evil.example/" }, "state"],
    ["an error with another state", { error: "access_denied", state: "another" }, "state"],
    ["an error", { error: "access_denied" }, "access_denied"],
  ])("with %s is not used", async (_name, changed, reason) => {
    const page = new MemoryPage();
    await opened(page).signIn("/sessions");
    const session = opened(page);
    expect(await session.start(response(page, changed))).toBe("/sessions");
    expect(session.state.value).toEqual({ kind: "failed", reason });
    expect([await session.token(), endpoint.requests]).toEqual([null, []]);
    // The state cannot be tried again.
    const again = opened(page);
    await again.start(response(page));
    expect(again.state.value).toEqual({ kind: "failed", reason: "state" });
  });

  test("with a token for another nonce is not used", async () => {
    const page = new MemoryPage();
    await opened(page).signIn("/");
    endpoint.nonce = "of another request";
    const session = opened(page);
    await session.start(response(page));
    expect([session.state.value, await session.token()]).toEqual([{ kind: "failed", reason: "failed" }, null]);
  });

  test.each([
    ["issuer", "https://evil.example/"],
    ["audience", "another app"],
  ] as const)("with an ID token of another %s is not used", async (claim, value) => {
    const page = new MemoryPage();
    await opened(page).signIn("/");
    endpoint.nonce = page.at.searchParams.get("nonce") as string;
    endpoint[claim] = value;
    const session = opened(page);
    await session.start(response(page));
    expect([session.state.value, await session.token()]).toEqual([{ kind: "failed", reason: "failed" }, null]);
  });

  test("with a code that this tab did not ask for is not exchanged", async () => {
    const session = opened(new MemoryPage());
    expect(await session.start(new URL(`${ORIGIN}/sign-in?code=stolen&state=s`))).toBe("/");
    expect([session.state.value, endpoint.requests]).toEqual([{ kind: "failed", reason: "state" }, []]);
  });

  test("that this tab did not ask for ends no sign-in of the browser", async () => {
    const page = new MemoryPage();
    await signedIn(page);
    const asked = endpoint.requests.length;
    const attacked = opened(page);
    await attacked.start(new URL(`${ORIGIN}/sign-in?code=stolen&state=s`));
    expect([attacked.state.value, page.at.searchParams.get("prompt")]).toEqual([{ kind: "unknown" }, "none"]);
    expect(endpoint.requests.length).toBe(asked);
    const returned = opened(page);
    endpoint.nonce = page.at.searchParams.get("nonce") as string;
    expect(await returned.start(response(page))).toBe("/");
    expect([returned.state.value, returned.hasIgnoredResponse]).toEqual([{ kind: "signed_in" }, true]);
    expect((await signedIn(page)).hasIgnoredResponse).toBe(false);
  });

  test("whose requests the browser loses does not go round", async () => {
    const page = new MemoryPage();
    await signedIn(page);
    const forged = new URL(`${ORIGIN}/sign-in?code=stolen&state=s`);
    await opened(page).start(forged);
    page.tab.texts.clear();
    const session = opened(page);
    await session.start(forged);
    expect(session.state.value).toEqual({ kind: "failed", reason: "state" });
  });

  test("ignores tokens in an address", async () => {
    const session = opened(new MemoryPage());
    expect(await session.start(new URL(`${ORIGIN}/people?token=t#id_token=t&state=s`))).toBe("/people");
    expect([session.state.value, await session.token()]).toEqual([{ kind: "signed_out" }, null]);
  });

  test.each([
    ["nothing", "connection"],
    ["error", "failed"],
    ["refusal", "failed"],
  ] as const)("that gets %s from the token endpoint says so", async (answer, reason) => {
    const page = new MemoryPage();
    await opened(page).signIn("/");
    endpoint.answer = answer;
    const session = opened(page);
    await session.start(response(page));
    expect(session.state.value).toEqual({ kind: "failed", reason });
  });

  test("in a browser that stores nothing gets words", async () => {
    const page = new MemoryPage();
    page.tab.isBlocked = true;
    const session = opened(page);
    await session.signIn("/");
    expect([session.state.value, page.visited]).toEqual([{ kind: "failed", reason: "storage" }, []]);
  });

  test("returns to a path of this origin only", async () => {
    const page = new MemoryPage();
    await opened(page).signIn("//evil.example");
    endpoint.nonce = page.at.searchParams.get("nonce") as string;
    expect(await opened(page).start(response(page))).toBe("/");
  });

  test("as another member signs out in all tabs, revokes the refresh token, and asks the provider to ask", async () => {
    const page = new MemoryPage();
    const session = await signedIn(page);
    const other = await signedIn(new MemoryPage(page.browser));
    await session.signInAsAnother("/people");
    expect([session.state.value, await session.token()]).toEqual([{ kind: "signed_out" }, null]);
    expect([page.at.pathname, page.at.searchParams.get("prompt")]).toEqual(["/authorize", "login"]);
    await vi.waitFor(() => expect(other.state.value).toEqual({ kind: "signed_out" }));
    await vi.waitFor(() => expect(endpoint.requests.at(-1)?.get("token")).toBe("refresh 1"));
    // A member who comes back without an account is not signed in again by the provider's cookie.
    const returned = opened(page);
    await returned.start(new URL(`${ORIGIN}/`));
    expect(returned.state.value).toEqual({ kind: "signed_out" });
  });
});

describe("a reload", () => {
  test("signs in again without a question", async () => {
    const page = new MemoryPage();
    await signedIn(page);
    const reloaded = opened(page);
    expect(await reloaded.start(new URL(`${ORIGIN}/people?x=1`))).toBe("/people?x=1");
    expect([reloaded.state.value, page.at.searchParams.get("prompt")]).toEqual([{ kind: "unknown" }, "none"]);
    const returned = opened(page);
    endpoint.nonce = page.at.searchParams.get("nonce") as string;
    expect(await returned.start(response(page))).toBe("/people?x=1");
    expect(returned.state.value).toEqual({ kind: "signed_in" });
  });

  test("shows the way in, and asks no more, if the provider knows no member", async () => {
    const page = new MemoryPage();
    await signedIn(page);
    await opened(page).start(new URL(`${ORIGIN}/people`));
    const returned = opened(page);
    expect(await returned.start(response(page, { error: "login_required" }))).toBe("/people");
    const reloaded = opened(page);
    await reloaded.start(new URL(`${ORIGIN}/people`));
    expect([returned.state.value, reloaded.state.value]).toEqual([{ kind: "signed_out" }, { kind: "signed_out" }]);
  });
});

describe("a renewal", () => {
  test("comes before the end of the token, once for all requests", async () => {
    const session = await signedIn(new MemoryPage());
    const first = await session.token();
    pass(LIFE_SECONDS - 61);
    expect(await session.token()).toBe(first);
    pass(2);
    const tokens = await Promise.all([session.token(), session.token(), session.renewed()]);
    expect(new Set(tokens).size).toBe(1);
    expect(tokens[0]).not.toBe(first);
    expect(endpoint.requests.map((each) => each.get("grant_type"))).toEqual(["authorization_code", "refresh_token"]);
    expect(endpoint.requests[1]?.get("refresh_token")).toBe("refresh 1");
  });

  test("comes without a request of the page, too", async () => {
    await signedIn(new MemoryPage());
    await vi.advanceTimersByTimeAsync((LIFE_SECONDS - 30) * 1000);
    await vi.waitFor(() => expect(endpoint.requests).toHaveLength(2));
  });

  test("does not repeat for a request whose token was replaced meanwhile", async () => {
    const session = await signedIn(new MemoryPage());
    const first = (await session.token()) as string;
    const second = await session.renewed(first);
    expect(await session.renewed(first)).toBe(second);
    expect(endpoint.requests).toHaveLength(2);
  });

  test.each(["nothing", "error"] as const)("that gets %s does not sign out", async (answer) => {
    const session = await signedIn(new MemoryPage());
    const first = await session.token();
    endpoint.answer = answer;
    pass(LIFE_SECONDS - 10);
    expect(await session.token()).toBe(first);
    pass(20);
    await expect(session.token()).rejects.toThrow(ConnectionLost);
    expect(session.state.value).toEqual({ kind: "signed_in" });
    endpoint.answer = "tokens";
    expect(await session.token()).not.toBe(first);
  });

  test("that the provider refuses leaves the screens with words", async () => {
    const session = await signedIn(new MemoryPage());
    endpoint.answer = "refusal";
    expect(await session.renewed()).toBe(null);
    expect([session.state.value, session.isMember.value]).toEqual([{ kind: "expired" }, true]);
  });

  test("with the tokens of another member is not used", async () => {
    const session = await signedIn(new MemoryPage());
    endpoint.subject = "mallory";
    expect([await session.renewed(), session.state.value]).toEqual([null, { kind: "expired" }]);
  });

  test("whose token the service refuses ends the sign-in, and the next one asks for an account", async () => {
    const page = new MemoryPage();
    const session = await signedIn(page);
    const first = (await session.token()) as string;
    const renewed = (await session.renewed(first)) as string;
    // A late refusal of an older token ends nothing.
    session.end(first);
    expect(await session.token()).toBe(renewed);
    session.end(renewed);
    expect([await session.token(), session.state.value]).toEqual([null, { kind: "expired" }]);
    await session.signIn("/");
    expect(page.at.searchParams.get("prompt")).toBe("login");
  });

  test("without a refresh token expires at the end of the token", async () => {
    endpoint.hasRefresh = false;
    const session = await signedIn(new MemoryPage());
    const first = await session.token();
    pass(LIFE_SECONDS - 1);
    expect(await session.token()).toBe(first);
    pass(2);
    expect([await session.token(), session.state.value]).toEqual([null, { kind: "expired" }]);
  });
});

describe("a sign-out", () => {
  test("revokes the refresh token, and ends the session at the provider and in all tabs", async () => {
    const page = new MemoryPage();
    const session = await signedIn(page);
    const other = await signedIn(new MemoryPage(page.browser));
    session.signOut();
    expect([session.state.value, await session.token()]).toEqual([{ kind: "signed_out" }, null]);
    await vi.waitFor(() => expect(other.state.value).toEqual({ kind: "signed_out" }));
    expect(await other.token()).toBe(null);
    expect(page.at.href.startsWith(`${ISSUER}end?`)).toBe(true);
    expect(page.at.searchParams.get("post_logout_redirect_uri")).toBe(`${ORIGIN}/`);
    expect(page.at.href).not.toContain("eyJ");
    await vi.waitFor(() => expect(endpoint.requests.at(-1)?.get("token")).toBe("refresh 1"));
    const reloaded = opened(page);
    await reloaded.start(new URL(`${ORIGIN}/`));
    expect(reloaded.state.value).toEqual({ kind: "signed_out" });
  });

  test("names the sign-in to the provider by an ID token that the API does not accept", async () => {
    const page = new MemoryPage();
    const session = await signedIn(page, { ...CONFIG, apiToken: "access_token" });
    session.signOut();
    expect(page.at.searchParams.get("id_token_hint")?.split(".")).toHaveLength(3);
  });

  test("at a provider without an end of sessions lets the next sign-in ask", async () => {
    const page = new MemoryPage();
    const session = await signedIn(page, { ...CONFIG, endSessionEndpoint: null });
    session.signOut();
    const reloaded = opened(page);
    await reloaded.start(new URL(`${ORIGIN}/`));
    await reloaded.signIn("/");
    expect(page.at.searchParams.get("prompt")).toBe("login");
  });

  test("during a renewal stays a sign-out", async () => {
    const session = await signedIn(new MemoryPage());
    let release = () => {};
    endpoint.held = new Promise((resolve) => {
      release = resolve;
    });
    const renewal = session.renewed();
    session.signOut();
    release();
    expect([await renewal, session.state.value]).toEqual([null, { kind: "signed_out" }]);
    await vi.waitFor(() => expect(endpoint.requests.at(-1)?.get("token")).toBe("refresh 2"));
  });
});
