import { notificationOf } from "./notification";

/** The parts of a service worker that this one uses. The page's types have none of them. */
interface PushWorker {
  addEventListener(type: "push", listener: (event: PushReceived) => void): void;
  addEventListener(type: "notificationclick", listener: (event: NotificationClicked) => void): void;
  registration: ServiceWorkerRegistration;
  clients: { matchAll(query: { type: "window" }): Promise<OpenPage[]>; openWindow(url: string): Promise<unknown> };
  location: Location;
}

interface Lasting extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface PushReceived extends Lasting {
  data: { json(): unknown } | null;
}

interface NotificationClicked extends Lasting {
  notification: Notification;
}

interface OpenPage {
  url: string;
  focus(): Promise<OpenPage>;
  navigate(url: string): Promise<unknown>;
}

const worker = self as unknown as PushWorker;

worker.addEventListener("push", (event) => {
  const { title, options } = notificationOf(messageOf(event), worker.location.origin);
  event.waitUntil(worker.registration.showNotification(title, options));
});

worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show(event.notification.data.url));
});

function messageOf(event: PushReceived): unknown {
  try {
    return event.data?.json();
  } catch {
    return null;
  }
}

/** Show an address in an open page of the app, or in a new one. */
async function show(url: string): Promise<void> {
  const [page] = await worker.clients.matchAll({ type: "window" });
  if (!page) await worker.clients.openWindow(url);
  // A page that shows the address already keeps what is typed there.
  else if (page.url === url) await page.focus();
  else await (await page.focus()).navigate(url);
}
