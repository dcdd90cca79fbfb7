import { addressOf } from "../api/address";

/** What a browser shows for a push message, and the address that a click opens. */
export interface ShownNotification {
  title: string;
  options: { body: string; tag?: string; renotify?: boolean; data: { url: string } };
}

/** Return the notification of a push message. `origin` is that of the app, which alone can be opened. */
export function notificationOf(message: unknown, origin: string): ShownNotification {
  const { title, body, tag, url } = fieldsOf(message);
  return {
    // A browser that gets a message must show one, also if it cannot read this one.
    title: title || new URL(origin).host,
    options: {
      body,
      // A later message about a session replaces the earlier one, and is heard again.
      ...(tag && { tag, renotify: true }),
      data: { url: addressIn(origin, url) },
    },
  };
}

/** Return an address of the app, which is its first page for every other address. */
export function addressIn(origin: string, url: string): string {
  const address = addressOf(url, origin);
  return address?.origin === origin ? address.href : `${origin}/`;
}

type Fields = Record<"title" | "body" | "tag" | "url", string>;

function fieldsOf(message: unknown): Fields {
  const given = typeof message === "object" && message !== null ? (message as Partial<Record<string, unknown>>) : {};
  const text = (name: string) => (typeof given[name] === "string" ? given[name] : "");
  return { title: text("title"), body: text("body"), tag: text("tag"), url: text("url") };
}
