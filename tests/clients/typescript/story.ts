// A program that plays the story of a locked-in session with the client. Its argument is the address of a runner.
import { createLockstepClient, type LockstepClient, type Schemas } from "lockstep-client";

type Session = Schemas["Session"];
type BookBody = Schemas["BookBody"];
type Answer<T> = { data?: T; error?: Schemas["ProblemDetails"] | string; response: Response };

declare const process: { argv: string[] };

const baseUrl = process.argv[2] ?? "http://127.0.0.1:8000";
const HOUR = 3_600_000;
const MATCHED_WITHIN = 60_000;

interface Member {
  userId: string;
  client: LockstepClient;
}

async function signIn(name: string): Promise<Member> {
  const response = await fetch(`${baseUrl}/dev/sign-in`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ name }),
  });
  const { userId, token } = (await response.json()) as { userId: string; token: string };
  return { userId, client: createLockstepClient({ baseUrl, token }) };
}

function same(what: string, found: unknown, expected: unknown): void {
  if (JSON.stringify(found) !== JSON.stringify(expected)) {
    throw new Error(`${what}: ${JSON.stringify(found)} is not ${JSON.stringify(expected)}`);
  }
}

/** Return the body of a response with this status. */
function body<T>({ data, error, response }: Answer<T>, status: number): T {
  same(`status of ${response.url} with ${JSON.stringify(error)}`, response.status, status);
  return data as T;
}

/** Return the problem of a refused request with this status. */
function problem({ error, response }: Answer<unknown>, status: number): Schemas["ProblemDetails"] {
  same(`status of ${response.url}`, response.status, status);
  if (error === undefined || typeof error === "string") {
    throw new Error(`${response.url} has no problem`);
  }
  return error;
}

async function book(member: Member, booking: BookBody, status = 201): Promise<Session> {
  return body(await member.client.POST("/v1/sessions", { body: booking }), status).session;
}

async function read(member: Member, { sessionId }: Session): Promise<Session> {
  return body(await member.client.GET("/v1/sessions/{sessionId}", { params: { path: { sessionId } } }), 200).session;
}

/** Read a session until it has this state and partner. */
async function becomes(member: Member, session: Session, state: Session["state"], partner?: Member): Promise<Session> {
  for (const deadline = Date.now() + MATCHED_WITHIN; ; ) {
    const found = await read(member, session);
    if (found.state === state && found.users[1]?.userId === partner?.userId) {
      return found;
    }
    if (Date.now() > deadline) {
      throw new Error(`${JSON.stringify(found)} is not ${state}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function list(member: Member, limit: number): Promise<Session[]> {
  const range = { start: instant(0), end: instant(24 * 30) };
  const found: Session[] = [];
  let cursor: string | undefined;
  do {
    const query = { ...range, limit, ...(cursor === undefined ? {} : { cursor }) };
    const page = body(await member.client.GET("/v1/sessions", { params: { query } }), 200);
    found.push(...page.sessions);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return found;
}

const today = new Date().setUTCHours(0, 0, 0, 0);

/** Return the instant that many hours after the last midnight. */
function instant(hours: number): string {
  return new Date(today + hours * HOUR).toISOString();
}

const startTime = instant(2 * 24 + 9);
const [ada, ben, cy, dee] = [await signIn("Ada"), await signIn("Ben"), await signIn("Cy"), await signIn("Dee")];

// Ben and Cy book the same slot and are matched.
const me = body(await ben.client.PATCH("/v1/me", { body: { availability: "favorites", activityType: "desk" } }), 200);
same("user", [me.user.userId, me.user.availability, me.user.gender], [ben.userId, "favorites", null]);
const ofBen = await book(ben, { startTime, duration: 3000000 });
const ofCy = await book(cy, { startTime, duration: 3000000, title: "Thesis" });
await becomes(ben, ofBen, "matched", cy);
await becomes(cy, ofCy, "matched", ben);

// Ada cannot lock Ben before he favors her. Then she sees him in the views and locks him. Cy is displaced.
const favorite = { params: { path: { userId: ben.userId } } };
body(await ada.client.PUT("/v1/people/{userId}/favorite", favorite), 204);
const lock: BookBody = { startTime, duration: 3000000, partnerId: ben.userId };
same("code", problem(await ada.client.POST("/v1/sessions", { body: lock }), 409).code, "not_available");
body(await ben.client.PUT("/v1/people/{userId}/favorite", { params: { path: { userId: ada.userId } } }), 204);
const { slots } = body(await ada.client.GET("/v1/availability/favorites"), 200);
same("partners", slots.map((slot) => slot.partners.map((partner) => [partner.name, partner.lockable])), [[["Ben", true]]]);
const ofAda = await book(ada, lock);
same("state", [ofAda.state, ofAda.locked, ofAda.lastChange?.kind], ["locked_in", true, "locked_in"]);
same("users", ofAda.users.map((user) => [user.userId, user.name, user.isFavorite, user.completed]), [
  [ada.userId, undefined, undefined, false],
  [ben.userId, "Ben", true, false],
]);
same("room", (await becomes(ben, ofBen, "locked_in", ada)).roomUrl, ofAda.roomUrl);
same("change", (await becomes(cy, ofCy, "waiting")).lastChange?.kind, "displaced");

// The same booking again has the status 200. Dee cannot lock Ben now.
same("session", (await book(ada, lock, 200)).sessionId, ofAda.sessionId);
body(await dee.client.PUT("/v1/people/{userId}/favorite", favorite), 204);
same("code", problem(await dee.client.POST("/v1/sessions", { body: lock }), 409).code, "not_available");

// Ada cancels. Ben keeps his session and is matched again, with Cy who waits.
const cancelled = { params: { path: { sessionId: ofAda.sessionId } } };
body(await ada.client.DELETE("/v1/sessions/{sessionId}", cancelled), 204);
same("state", (await read(ada, ofAda)).state, "cancelled");
await becomes(ben, ofBen, "matched", cy);
await becomes(cy, ofCy, "matched", ben);

// A batch has a result for each item. A second request with the key has no second effect.
const batch = {
  params: { header: { "Idempotency-Key": "one" } },
  body: {
    sessions: [
      { startTime: instant(5 * 24), duration: 1500000, title: "Proofs" },
      { startTime: instant(5 * 24 + 0.25), duration: 4500000 },
      { startTime: instant(6 * 24), duration: 4500000, preferFavorites: true },
    ],
  } satisfies Schemas["BatchBody"],
};
for (const _ of [1, 2]) {
  const { results } = body(await ada.client.POST("/v1/sessions/batch", batch), 200);
  same("results", results.map((result) => [result.status, result.session?.title, result.problem?.code]), [
    [201, "Proofs", undefined],
    [409, undefined, "time_conflict"],
    [201, null, undefined],
  ]);
}

// Without a key the status says that the session is held already.
const [again] = body(await ada.client.POST("/v1/sessions/batch", { body: { sessions: batch.body.sessions.slice(0, 1) } }), 200).results;
same("status", again?.status, 200);

// Conflicts and invalid inputs are problems with a code and the field.
const conflict = problem(await ada.client.POST("/v1/sessions", { body: { startTime: instant(5 * 24), duration: 3000000 } }), 409);
same("code", conflict.code, "time_conflict");
const invalid = problem(await ada.client.PATCH("/v1/me", { body: { timeZone: "Mars/X", name: "" } }), 422);
same("code", invalid.code, "invalid_request");
same("errors", invalid.errors?.map((each) => each.field).sort(), ["name", "timeZone"]);
same("message", [invalid.message, invalid.field], [invalid.detail, invalid.errors?.[0]?.field]);

// Pages of one session are the whole list, newest first.
const pages = await list(ada, 1);
same("titles", pages.map((session) => session.title), [null, "Proofs"]);
same("pages", await list(ada, 100), pages);
const [latest] = pages;
same("activity", latest?.users[0]?.activityType, "anything");
const edit = { params: { path: { sessionId: latest?.sessionId ?? "" } }, body: { title: "Chapter 2", quietMode: true } };
const edited = body(await ada.client.PATCH("/v1/sessions/{sessionId}", edit), 200).session;
same("edited", [edited.title, edited.users[0]?.sessionTitle, edited.users[0]?.quietMode], ["Chapter 2", "Chapter 2", true]);

// A key that may only read cannot book.
const { apiKey } = body(await ada.client.POST("/v1/api-keys", { body: { name: "Script", scope: "read" } }), 201);
const script = createLockstepClient({ baseUrl, apiKey: apiKey.key });
same("user", body(await script.GET("/v1/me"), 200).user.userId, ada.userId);
same("code", problem(await script.POST("/v1/sessions", { body: lock }), 403).code, "forbidden");

// A guest reads an invite link without credentials. Dee accepts it.
const { inviteLink } = body(await ada.client.POST("/v1/invite-links", { body: { maxUses: 1 } }), 201);
const token = { params: { path: { token: inviteLink.url.split("/").at(-1) ?? "" } } };
const invite = body(await createLockstepClient({ baseUrl }).GET("/i/{token}", token), 200);
if (typeof invite === "string") {
  throw new Error("the invite link was answered by a page");
}
same("host", invite.host, { name: "Ada", photoUrl: null });
const [free] = invite.slots;
if (free === undefined) {
  throw new Error("the invite link has no slot");
}
const accepted = body(await dee.client.POST("/i/{token}", { ...token, body: free }), 201).session;
same("partner", [accepted.state, accepted.users[1]?.name], ["locked_in", "Ada"]);

console.log("played");
