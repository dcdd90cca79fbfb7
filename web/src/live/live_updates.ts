import { effect, signal } from "@preact/signals";
import type { QueryClient } from "@tanstack/preact-query";
import { forgetKeys, takeOwnLock } from "../api/booking";
import { type ApiClient, data, type Schemas } from "../api/client";
import { reachability } from "../api/reachability";
import type { App } from "../app_context";
import { texts } from "../i18n/language";
import { announce } from "../parts/announcements";
import { dayText, timeRange } from "../time/formats";
import { present } from "../time/present";
import { effectOf, type LiveEvent } from "./event_effects";
import { LiveSocket } from "./live_socket";
import { STEP_MILLISECONDS, viewsToRead } from "./polling";
import { signalLine } from "./signal_line";

// The events of one change arrive together, and their views are fetched once.
const GATHER_MILLISECONDS = 150;
const MOST_SEEN = 2000;
const LIVE_VIEWS = ["sessions", "session", "calendar", "availability", "favorites-availability"];

/** True while the page has a live connection, or where the deployment has none. */
export const isLive = signal(true);

/** The updates of a page while a member is signed in: events, and what to do without a connection. */
export class LiveUpdates {
  readonly #api: ApiClient;
  readonly #queries: QueryClient;
  readonly #socket: LiveSocket | null;
  readonly #seen = new Set<string>();
  readonly #gathered = new Set<string>();
  readonly #ends: (() => void)[] = [];
  #cursor: string | null = null;

  constructor({ api, config, session }: App, queries: QueryClient) {
    this.#api = api;
    this.#queries = queries;
    const address = config.webSocketUrl;
    this.#socket = address
      ? new LiveSocket({
          address,
          tokens: session,
          onReady: (cursor) => this.#catchUp(cursor),
          onEvent: (event) => this.#receive(event as LiveEvent),
          onSignal: (message) => signalLine.receive(message),
        })
      : null;
    this.#watch();
  }

  stop(): void {
    for (const end of this.#ends) end();
    this.#socket?.stop();
    signalLine.isOpen.value = false;
    isLive.value = true;
  }

  #watch(): void {
    const socket = this.#socket;
    if (socket) {
      signalLine.connect((message) => socket.signal(message));
      this.#ends.push(
        effect(() => {
          isLive.value = socket.isOpen.value;
          signalLine.isOpen.value = socket.isOpen.value;
        }),
      );
    }
    // A page that returns may have lost its connection without a report.
    const check = () => document.visibilityState === "visible" && socket?.check();
    for (const [target, name] of [
      [window, "online"],
      [document, "visibilitychange"],
    ] as const) {
      target.addEventListener(name, check);
      this.#ends.push(() => target.removeEventListener(name, check));
    }
    this.#poll();
  }

  #poll(): void {
    let waited = 0;
    const timer = setInterval(() => {
      if (document.visibilityState !== "visible") return;
      waited += STEP_MILLISECONDS;
      const isReached = reachability.value === "reached";
      const views = viewsToRead({ isReached, isLive: this.#socket?.isOpen.value ?? false, waited });
      if (views === "none") return;
      waited = 0;
      if (views === "live") this.#refresh(LIVE_VIEWS);
      else this.#queries.invalidateQueries({}, { cancelRefetch: false });
    }, STEP_MILLISECONDS);
    this.#ends.push(() => clearInterval(timer));
  }

  /** Read the events since the last one that this page knows. The first time, and after a failure, fetch all views. */
  async #catchUp(cursor: string): Promise<void> {
    if (this.#cursor === null) {
      this.#cursor = cursor;
      this.#refresh(LIVE_VIEWS);
      return;
    }
    try {
      let after = this.#cursor;
      for (let page = await this.#eventsAfter(after); page.events.length > 0; page = await this.#eventsAfter(after)) {
        for (const event of page.events) this.#receive(event);
        after = page.nextCursor;
      }
      this.#cursor = after;
    } catch {
      this.#cursor = cursor;
      this.#refresh(LIVE_VIEWS);
    }
  }

  #eventsAfter(after: string): Promise<Schemas["EventList"]> {
    return data(this.#api.GET("/v1/events", { params: { query: { after } } }));
  }

  /** Fetch what an event changes and show its message, once for each event. */
  #receive(event: LiveEvent): void {
    if (this.#seen.has(event.id)) return;
    this.#seen.add(event.id);
    const [oldest] = this.#seen;
    if (this.#seen.size > MOST_SEEN && oldest) this.#seen.delete(oldest);
    if (event.type === "session.cancelled") forgetKeys();
    const { views, message } = effectOf(event, present.value);
    this.#gather(views);
    const partnerId = event.data.session?.users[1]?.userId ?? "";
    const isOwn = event.type === "session.locked_in" && takeOwnLock(event.data.startTime, partnerId);
    if (message && !isOwn) announce(messageText(event, message), "news");
  }

  #gather(views: readonly string[]): void {
    if (this.#gathered.size === 0) {
      setTimeout(() => {
        this.#refresh([...this.#gathered]);
        this.#gathered.clear();
      }, GATHER_MILLISECONDS);
    }
    for (const view of views) this.#gathered.add(view);
  }

  #refresh(views: readonly string[]): void {
    this.#queries.invalidateQueries({ predicate: ({ queryKey }) => views.includes(String(queryKey[0])) });
  }
}

function messageText(
  { data }: LiveEvent,
  { name, partner }: NonNullable<ReturnType<typeof effectOf>["message"]>,
): string {
  const { live } = texts.value;
  const start = new Date(data.startTime);
  return live.events[name](live.when(dayText(start), timeRange(start, data.duration / 60_000)), partner);
}
