import { expect, test } from "vitest";
import { addressIn, notificationOf } from "./notification";

const ORIGIN = "https://app.example";

test("a message of the service is shown with its words, and replaces the earlier one of its session", () => {
  const message = {
    id: "evt_1",
    type: "session.matched",
    title: "You have a partner",
    body: "Mon 2 Mar, 14:30, Thesis, with Ben",
    tag: "topic",
    url: "https://app.example/?session=s",
  };
  expect(notificationOf(message, ORIGIN)).toEqual({
    title: "You have a partner",
    options: {
      body: "Mon 2 Mar, 14:30, Thesis, with Ben",
      tag: "topic",
      renotify: true,
      data: { url: "https://app.example/?session=s" },
    },
  });
});

test.each([[null], ["text"], [{}], [{ title: 5, body: [], tag: null, url: {} }]])(
  "an unreadable message %j is shown with the name of the site",
  (message) => {
    // `renotify` without a tag is a TypeError, which would show nothing.
    expect(notificationOf(message, ORIGIN)).toEqual({
      title: "app.example",
      options: { body: "", data: { url: "https://app.example/" } },
    });
  },
);

test("a click opens the app only", () => {
  expect(addressIn(ORIGIN, "https://evil.example/?session=s")).toBe("https://app.example/");
  expect(addressIn(ORIGIN, "//evil.example/x")).toBe("https://app.example/");
  expect(addressIn(ORIGIN, "javascript:alert(1)")).toBe("https://app.example/");
  expect(addressIn(ORIGIN, "/sessions")).toBe("https://app.example/sessions");
});
