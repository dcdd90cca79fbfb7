import { computed, signal } from "@preact/signals";
import type { TokenSource } from "../api/client";
import { beginSignIn, finishSignIn, type PendingRequest, type Prompt, takePending } from "./authorization";
import { type BrowserPage, browserPage } from "./browser_page";
import type { Provider } from "./provider";
import { isResponse, pathWithin, pathWithoutCredentials } from "./return_address";
import { SignInFailed } from "./sign_in_failed";
import { renewTokens, revokeTokens, type Tokens } from "./tokens";

/**
 * The state of the sign-in. It is `unknown` while the provider is asked. `expired` means that the screens stay, and the
 * member must sign in again. `failed` has the reason of a sign-in that did not succeed.
 */
export type SignInState =
  | { kind: "unknown" | "signed_out" | "signed_in" | "expired" }
  | { kind: "failed"; reason: string };

// Present while a member is signed in with this browser, so that a reload signs in again without a question. The value
// `ask` is that of a browser which signed out, but not at the provider, or whose sign-in the API refuses.
const REMEMBERED = "lockstep-signed-in";
const RETRY_MILLISECONDS = 30_000;
// A longer delay of a timer would end at once.
const LONGEST_DELAY = 2 ** 31 - 1;

/** The sign-in of this page. All pages of the origin sign out together. */
export class MemberSession implements TokenSource {
  readonly state = signal<SignInState>({ kind: "unknown" });
  #tokens: Tokens | null = null;
  #renewal: Promise<string | null> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** True if this sign-in came after a response that the page did not ask for, and that it did not use. */
  hasIgnoredResponse = false;
  /** True while the screens of a member are shown. */
  readonly isMember = computed(() => ["signed_in", "expired"].includes(this.state.value.kind));
  readonly #channel = new BroadcastChannel("lockstep-sign-in");

  constructor(
    readonly provider: Provider | null,
    readonly page: BrowserPage = browserPage(),
  ) {
    this.#channel.addEventListener("message", () => this.#end({ kind: "signed_out" }));
  }

  /** Finish a sign-in that the address answers, or sign in again without a question. Return the path to show. */
  async start(address: URL): Promise<string> {
    const path = pathWithoutCredentials(address);
    if (this.provider && isResponse(address)) return this.#finish(this.provider, address);
    if (this.provider && this.page.browser.read(REMEMBERED) === "yes") await this.#begin(path, "none");
    else this.state.value = { kind: "signed_out" };
    return path;
  }

  /** Go to the provider, and return to `path` afterwards. */
  async signIn(path: string): Promise<void> {
    const asks = this.page.browser.read(REMEMBERED) === "ask";
    await this.#begin(pathWithin(path, this.page.origin), asks ? "login" : null);
  }

  /** Sign out in all pages of this origin, and go to the provider, which asks for another account. */
  async signInAsAnother(path: string): Promise<void> {
    this.#signOutHere();
    this.page.browser.write(REMEMBERED, "ask");
    await this.signIn(path);
  }

  /** Sign out in all pages of this origin and at the provider. */
  signOut(): void {
    const { provider } = this;
    // An address is stored and logged in many places, so it never has a token that the API accepts.
    const hint = provider?.token === "access_token" ? this.#tokens?.id : null;
    this.#signOutHere();
    const end = provider?.server.end_session_endpoint;
    this.page.browser.write(REMEMBERED, end ? null : "ask");
    if (!provider || !end) return;
    const address = new URL(end);
    const home = `${this.page.origin}/`;
    // Cognito has its own name for the address to return to.
    const query = { client_id: provider.client.client_id, post_logout_redirect_uri: home, logout_uri: home };
    for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
    if (hint) address.searchParams.set("id_token_hint", hint);
    this.page.go(address.href);
  }

  /** Stop the renewals and the exchange with other pages. */
  close(): void {
    clearTimeout(this.#timer);
    this.#channel.close();
  }

  async token(): Promise<string | null> {
    const tokens = this.#tokens;
    if (!tokens) return null;
    if (Date.now() < (tokens.refresh ? tokens.renewAt : tokens.expiresAt)) return tokens.api;
    try {
      return await this.renewed(tokens.api);
    } catch (error) {
      if (Date.now() < tokens.expiresAt) return tokens.api;
      throw error;
    }
  }

  async renewed(refused: string | null = null): Promise<string | null> {
    if (refused && this.#tokens && this.#tokens.api !== refused) return this.#tokens.api;
    // Requests that fail together share one renewal.
    this.#renewal ??= this.#renew().finally(() => {
      this.#renewal = null;
    });
    return this.#renewal;
  }

  /** End a sign-in whose renewed token the API refuses, such as that of a deleted account. The next one asks. */
  end(refused: string): void {
    if (this.#tokens?.api !== refused) return;
    this.page.browser.write(REMEMBERED, "ask");
    this.#end({ kind: "expired" });
  }

  #signOutHere(): void {
    if (this.provider && this.#tokens) revokeTokens(this.provider, this.#tokens);
    this.#channel.postMessage("signed out");
    this.#end({ kind: "signed_out" });
  }

  async #renew(): Promise<string | null> {
    const { provider } = this;
    const tokens = this.#tokens;
    if (!provider || !tokens) return null;
    try {
      const renewed = await renewTokens(provider, tokens);
      if (this.#tokens === tokens) this.#keep(renewed);
      // The member has signed out meanwhile.
      else revokeTokens(provider, renewed);
    } catch (error) {
      // Only the provider ends a sign-in. After a lost connection the next request renews.
      if (!(error instanceof SignInFailed)) throw error;
      if (this.#tokens === tokens) this.#end({ kind: "expired" });
    }
    return this.#tokens?.api ?? null;
  }

  async #begin(path: string, prompt: Prompt, isAfterIgnored = false): Promise<void> {
    if (!this.provider) return;
    try {
      await beginSignIn(this.provider, this.page, path, prompt, isAfterIgnored);
    } catch (error) {
      const reason = error instanceof SignInFailed ? error.reason : "failed";
      this.state.value = prompt === "none" ? { kind: "signed_out" } : { kind: "failed", reason };
    }
  }

  async #finish(provider: Provider, address: URL): Promise<string> {
    const pending = takePending(this.page);
    try {
      this.#keep(await finishSignIn(provider, address, pending));
      this.hasIgnoredResponse = pending?.isAfterIgnored === true;
      this.page.browser.write(REMEMBERED, "yes");
      this.state.value = { kind: "signed_in" };
    } catch (error) {
      const reason = error instanceof SignInFailed ? error.reason : "connection";
      // The provider knows no member of this browser, or has a question.
      if (reason === "state" && (await this.#signInDespite(pending))) return pending?.returnTo ?? "/";
      const isUnknown = pending?.isSilent && error instanceof SignInFailed && reason !== "state";
      // Any other failure changes nothing, such as a response that this tab did not ask for.
      if (isUnknown) this.page.browser.write(REMEMBERED, null);
      this.state.value = isUnknown ? { kind: "signed_out" } : { kind: "failed", reason };
    }
    return pending?.returnTo ?? "/";
  }

  // A link with a response may come from any sender. It ends no sign-in of this browser.
  async #signInDespite(pending: PendingRequest | null): Promise<boolean> {
    if (this.page.browser.read(REMEMBERED) !== "yes") return false;
    // Only a sign-in that succeeds is remembered again, so a browser that loses its requests does not go round.
    this.page.browser.write(REMEMBERED, null);
    await this.#begin(pending?.returnTo ?? "/", "none", true);
    return true;
  }

  #keep(tokens: Tokens): void {
    this.#tokens = tokens;
    this.#renewLater(tokens.renewAt - Date.now());
  }

  // An open page renews also without requests, so that the provider does not end an idle sign-in.
  #renewLater(delay: number): void {
    clearTimeout(this.#timer);
    if (!this.#tokens?.refresh) return;
    const renew = () => this.renewed().catch(() => this.#renewLater(RETRY_MILLISECONDS));
    this.#timer = setTimeout(renew, Math.min(Math.max(delay, 0), LONGEST_DELAY));
  }

  #end(state: SignInState): void {
    clearTimeout(this.#timer);
    this.#tokens = null;
    this.state.value = state;
  }
}
