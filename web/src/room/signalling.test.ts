import { expect, test } from "vitest";
import type { PeerMessage } from "./peer_message";
import { type Peer, type PeerContent, Signalling } from "./signalling";

/** The service of a room: what one member's page sends, the partner's pages receive, in the order of the test. */
class Service {
  readonly pages: Page[] = [];
  #waiting: { to: string; message: PeerMessage }[] = [];

  accept(sender: Page, message: PeerMessage): void {
    for (const page of this.pages)
      if (page.member !== sender.member) this.#waiting.push({ to: page.own.id, message: structuredClone(message) });
  }

  /** Deliver what is waiting, also what that causes, or lose it. */
  deliver(isLost = false): void {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      const { to, message } = next;
      if (!isLost) this.pages.find(({ own }) => own.id === to)?.signalling.receive(message);
    }
  }
}

/** A page of a member, with what its signalling reported. */
class Page {
  readonly own: Peer;
  readonly partners: (string | null)[] = [];
  readonly contents: PeerContent[] = [];
  readonly replaced: number[] = [];
  resumes = 0;
  readonly signalling: Signalling;

  constructor(
    service: Service,
    readonly member: string,
    id: string,
    since: number,
  ) {
    this.own = { id, since };
    this.signalling = new Signalling({
      own: this.own,
      send: (message) => service.accept(this, message),
      onPartner: (partner) => this.partners.push(partner?.id ?? null),
      onResume: () => {
        this.resumes += 1;
      },
      onContent: (content) => this.contents.push(content),
      onReplaced: (newest) => this.replaced.push(newest),
    });
    service.pages.push(this);
    this.signalling.announce();
  }
}

const OFFER: PeerContent = { kind: "description", description: { type: "offer", sdp: "v=0" } };

function room(): { service: Service; ada: Page; ben: Page } {
  const service = new Service();
  const ada = new Page(service, "Ada", "a1", 10);
  service.deliver();
  const ben = new Page(service, "Ben", "b1", 20);
  service.deliver();
  return { service, ada, ben };
}

test("two pages find each other, whichever came first", () => {
  const { ada, ben } = room();
  expect([ada.partners, ben.partners]).toEqual([["b1"], ["a1"]]);
});

test("two pages that come at the same time find each other once", () => {
  const service = new Service();
  const [ada, ben] = [new Page(service, "Ada", "a1", 10), new Page(service, "Ben", "b1", 10)];
  service.deliver();
  expect([ada.partners, ben.partners]).toEqual([["b1"], ["a1"]]);
});

test("content reaches the page that it is for", () => {
  const { service, ada, ben } = room();
  ada.signalling.send(OFFER);
  service.deliver();
  expect(ben.contents).toEqual([OFFER]);
  expect(ada.contents).toEqual([]);
});

test("an offer that overtakes the hello of its page is used", () => {
  const service = new Service();
  const ada = new Page(service, "Ada", "a1", 10);
  ada.signalling.receive({ ...OFFER, from: "b1", to: "a1", since: 20 });
  expect([ada.partners, ada.contents]).toEqual([["b1"], [OFFER]]);
});

test("content is not sent without a partner", () => {
  const service = new Service();
  const ada = new Page(service, "Ada", "a1", 10);
  service.deliver();
  ada.signalling.send(OFFER);
  const ben = new Page(service, "Ben", "b1", 20);
  service.deliver();
  expect(ben.contents).toEqual([]);
});

test("a newer page of a member takes the place of the older one", () => {
  const { service, ada, ben } = room();
  const again = new Page(service, "Ben", "b2", 30);
  service.deliver();
  expect([ada.partners, again.partners]).toEqual([["b1", "b2"], ["a1"]]);
  expect([ben.replaced, again.replaced]).toEqual([[30], []]);
});

test("an older page that connects again does not take the place of the newer one", () => {
  const { service, ada, ben } = room();
  const again = new Page(service, "Ben", "b2", 30);
  service.deliver(true);
  again.signalling.announce();
  service.deliver();
  ben.signalling.announce();
  service.deliver();
  expect(ada.partners).toEqual(["b1", "b2"]);
  expect([ben.replaced.at(-1), again.replaced]).toEqual([30, []]);
});

test("a partner who comes last meets the newer of two waiting pages", () => {
  for (const [first, second] of [
    [10, 20],
    [20, 10],
  ] as const) {
    const service = new Service();
    const [one, other] = [new Page(service, "Ada", "a1", first), new Page(service, "Ada", "a2", second)];
    service.deliver();
    const ben = new Page(service, "Ben", "b1", 30);
    service.deliver();
    expect(ben.partners.at(-1)).toBe(first > second ? "a1" : "a2");
    expect([one.replaced.length > 0, other.replaced.length > 0]).toEqual([first < second, first > second]);
  }
});

test("a page that says hello again is answered, and gets what it may have missed", () => {
  const { service, ada, ben } = room();
  ben.signalling.announce();
  service.deliver();
  expect([ada.partners, ada.resumes, ben.resumes]).toEqual([["b1"], 1, 0]);
});

test("a page that leaves is gone, and its late messages with it", () => {
  const { service, ada, ben } = room();
  ben.signalling.leave();
  ben.signalling.send(OFFER);
  service.deliver();
  expect([ada.partners, ada.contents]).toEqual([["b1", null], []]);
  const again = new Page(service, "Ben", "b2", 30);
  service.deliver();
  expect([ada.partners, again.partners]).toEqual([["b1", null, "b2"], ["a1"]]);
});

test("what is for another page, or is no message, has no effect", () => {
  const { ada, ben } = room();
  ada.signalling.receive({ from: "b9", since: 90, to: "a9", kind: "hello" });
  ada.signalling.receive({ from: "b9", since: 90, to: "a9", kind: "replaced", newest: 90 });
  ada.signalling.receive("hello");
  expect([ada.partners, ada.replaced, ben.partners]).toEqual([["b1"], [], ["a1"]]);
});
