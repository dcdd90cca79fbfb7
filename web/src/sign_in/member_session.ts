import { signal } from "@preact/signals";
import type { TokenSource } from "../api/client";
import { beginSignIn, finishSignIn, isRefused, renewTokens, SignInFailed, type Tokens } from "./authorization";
import { type Provider, RETURN_PATH } from "./provider";

/** `unknown` until the app has asked the provider. `failed` has the reason of a sign-in that did not succeed. */
export type SignInState = { kind: "unknown" | "signed_out" | "signed_in" } | { kind: "failed"; reason: string };

// Set while a member is signed in with this browser, so that a reload signs in again without a question.
const REMEMBERED = "lockstep-signed-in";
// The time before the end of a token at which it is renewed.
const RENEW_AHEAD = 60_000;

/** The sign-in of this page. All pages of the origin sign out together. */
export class MemberSession implements TokenSource {
  readonly state = signal<SignInState>({ kind: "unknown" });
  #tokens: Tokens | null = null;
  #renewal: Promise<string | null> | null = null;
  readonly #channel = new BroadcastChannel("lockstep-sign-in");

  constructor(readonly provider: Provider | null) {
    this.#channel.addEventListener("message", () => this.#forget());
  }

  /** Finish a sign-in that the address answers, or sign in again without a question. Return the path to show. */
  async start(address: URL): Promise<string> {
    const path = address.pathname + address.search;
    if (!this.provider) return this.#end({ kind: "signed_out" }, path);
    if (address.pathname === RETURN_PATH) return this.#finish(this.provider, address);
    if (!localStorage.getItem(REMEMBERED)) return this.#end({ kind: "signed_out" }, path);
    await beginSignIn(this.provider, path, { silent: true });
    return path;
  }

  /** Go to the provider, and return to `path` afterwards. */
  async signIn(path: string, another = false): Promise<void> {
    if (this.provider) await beginSignIn(this.provider, path, { another });
  }

  /** Sign out in all pages of this origin and at the provider. */
  signOut(): void {
    const id = this.#tokens?.id;
    this.#channel.postMessage("signed out");
    this.#forget();
    const end = this.provider?.server.end_session_endpoint;
    if (!end) return;
    const address = new URL(end);
    const home = `${location.origin}/`;
    // Cognito has its own names for the client and the address to return to.
    const query = {
      client_id: this.provider?.client.client_id ?? "",
      post_logout_redirect_uri: home,
      logout_uri: home,
    };
    for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
    if (id) address.searchParams.set("id_token_hint", id);
    location.assign(address.href);
  }

  async token(): Promise<string | null> {
    if (!this.#tokens) return null;
    return Date.now() < this.#tokens.expiresAt - RENEW_AHEAD ? this.#tokens.api : this.renewed();
  }

  renewed(): Promise<string | null> {
    // Requests that fail together share one renewal.
    this.#renewal ??= this.#renew().finally(() => {
      this.#renewal = null;
    });
    return this.#renewal;
  }

  async #renew(): Promise<string | null> {
    if (!this.provider || !this.#tokens) return null;
    try {
      this.#tokens = await renewTokens(this.provider, this.#tokens);
      return this.#tokens.api;
    } catch (error) {
      // Without a connection the sign-in still stands. The renewal is tried again with the next request.
      if (!isRefused(error)) throw error;
      this.#forget({ kind: "failed", reason: "expired" });
      return null;
    }
  }

  async #finish(provider: Provider, address: URL): Promise<string> {
    // The code leaves the address before anything else can read it.
    history.replaceState(null, "", "/");
    try {
      const { tokens, returnTo } = await finishSignIn(provider, address);
      this.#tokens = tokens;
      localStorage.setItem(REMEMBERED, "yes");
      return this.#end({ kind: "signed_in" }, returnTo);
    } catch (error) {
      localStorage.removeItem(REMEMBERED);
      const reason = error instanceof SignInFailed ? error.reason : "failed";
      return this.#end(reason === "login_required" ? { kind: "signed_out" } : { kind: "failed", reason }, "/");
    }
  }

  #end(state: SignInState, path: string): string {
    this.state.value = state;
    return path;
  }

  #forget(state: SignInState = { kind: "signed_out" }): void {
    this.#tokens = null;
    localStorage.removeItem(REMEMBERED);
    this.state.value = state;
  }
}
