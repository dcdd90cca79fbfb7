"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const host = $("host").textContent;
  const MINUTE = 60000;

  // The words are English; the clock has 12 or 24 hours as the visitor is used to, in the zone the visitor is in.
  const { hourCycle } = new Intl.DateTimeFormat(undefined, { hour: "numeric" }).resolvedOptions();
  const format = (options) => new Intl.DateTimeFormat("en-GB", options);
  const dayFormat = format({ weekday: "long", day: "numeric", month: "long" });
  const halves = hourCycle === "h11" || hourCycle === "h12";
  const clockFormat = format({ hour: halves ? "numeric" : "2-digit", minute: "2-digit", hourCycle });
  const offsetFormat = format({ timeZoneName: "shortOffset" });
  const zoneIn = (given, instant) => given.formatToParts(instant).find((part) => part.type === "timeZoneName").value;
  const offsetOf = (instant) => zoneIn(offsetFormat, instant);
  // "Eastern Time" whatever the season; a zone that has no such name goes by its long one.
  const generic = zoneIn(format({ timeZoneName: "longGeneric" }), new Date());
  const zone = generic.startsWith("GMT") ? zoneIn(format({ timeZoneName: "long" }), new Date()) : generic;

  const dayOf = (instant) => dayFormat.format(instant);
  const endOf = (slot) => new Date(slot.start.getTime() + slot.minutes * MINUTE);

  // On a day on which the clocks change the same time of day can come twice: there each one says which it is.
  const changesOn = (instant) => {
    const near = Array.from({ length: 49 }, (_, hours) => new Date(instant.getTime() + (hours - 24) * 60 * MINUTE));
    return new Set(near.filter((other) => dayOf(other) === dayOf(instant)).map(offsetOf)).size > 1;
  };
  const timesOf = (slot) => {
    const changes = changesOn(slot.start);
    const told = (instant) => {
      const [time, half = ""] = clockFormat.format(instant).split(/\s/);
      return { time, half, offset: changes ? offsetOf(instant) : "" };
    };
    const written = ({ time, half, offset }) => [time, half, offset].filter(Boolean).join(" ");
    const [from, to] = [told(slot.start), told(endOf(slot))];
    // What both have is said once: "9:00–9:50 am", "11:30 am–12:20 pm".
    if (from.offset === to.offset) {
      from.offset = "";
      if (from.half === to.half) from.half = "";
    }
    return `${written(from)}–${written(to)}`;
  };
  const inWords = (slot) => `${dayOf(slot.start)}\n${timesOf(slot)}, ${zone}\n${slot.minutes} minutes with ${host}`;

  // Kept here and nowhere else.
  let token = null;
  let slots = [...document.querySelectorAll("#times time")].map((time) => ({
    start: new Date(time.dateTime),
    minutes: Number(time.dataset.minutes),
  }));
  let picked = null;
  let attempt = null;
  let busy = false;

  const make = (tag, className, ...children) => {
    const made = document.createElement(tag);
    made.className = className;
    made.append(...children);
    return made;
  };

  const say = (words) => {
    $("said").textContent = words;
    if (words) $("said").focus();
  };

  const drawSlot = (slot) => {
    const time = make("time", "", timesOf(slot));
    time.dateTime = slot.start.toISOString();
    const button = make("button", "slot", time, " ", make("span", `length m${slot.minutes}`, `${slot.minutes} minutes`));
    button.type = "button";
    button.addEventListener("click", () => ask(slot));
    return make("li", "", button);
  };

  const draw = () => {
    const days = new Map();
    for (const slot of slots) {
      const day = dayOf(slot.start);
      days.set(day, [...(days.get(day) ?? []), slot]);
    }
    $("times").replaceChildren(
      ...[...days].map(([day, its]) => {
        const note = changesOn(its[0].start) ? [make("p", "note", "The clocks change on this day.")] : [];
        return make("section", "day", make("h3", "", day), ...note, make("ul", "", ...its.map(drawSlot)));
      }),
    );
    $("free").textContent = slots.length ? "Free times" : "No free times right now";
    $("zone").textContent = slots.length ? `All times are in your time zone: ${zone}.` : "Please look again later.";
  };

  const showSignIn = () => {
    $("signed-in").hidden = !token;
    $("sign-in").hidden = Boolean(token);
    $("book").hidden = !token;
    $("ask-sign-in").hidden = Boolean(token);
  };

  // One key for each thing that can be asked for: asked again, after an answer was lost, it is not done twice.
  const keys = new Map();
  const keyFor = (what) => {
    const random = crypto.getRandomValues(new Uint8Array(16));
    if (!keys.has(what)) keys.set(what, Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join(""));
    return keys.get(what);
  };

  const newAttempt = (replace) => {
    attempt = { replace, key: keyFor(`${picked.start.toISOString()} ${replace}`) };
    $("book").textContent = replace ? "Cancel the other and book this" : "Book and lock in";
  };

  // The choice survives the way over the sign-in page in the address to come back to; the token never does.
  const rememberInLinks = (slot) => {
    for (const link of document.querySelectorAll("a#sign-in, a#ask-sign-in")) {
      const address = new URL(link.href);
      const back = address.searchParams.get("return");
      // A sign-in page whose address is in a fragment has none: the visitor chooses again there.
      if (back) address.searchParams.set("return", `${back.split("?")[0]}?at=${slot.start.toISOString()}`);
      link.href = address.href;
    }
  };

  const ask = (slot) => {
    picked = slot;
    newAttempt(false);
    rememberInLinks(slot);
    $("ask-when").textContent = inWords(slot);
    $("ask-said").textContent = "";
    showSignIn();
    say("");
    if (!$("ask").open) $("ask").showModal();
  };

  const reload = async () => {
    try {
      const answer = await fetch(location.pathname, { headers: { Accept: "application/json" } });
      if (answer.status === 404) slots = [];
      if (answer.ok) {
        const body = await answer.json();
        slots = body.slots.map((slot) => ({ start: new Date(slot.startTime), minutes: slot.duration / MINUTE }));
      }
    } catch {
      // The times stay as they were; choosing one of them asks the service anyway.
    }
    draw();
  };

  const isOffered = (slot) => slots.some((other) => other.start.getTime() === slot.start.getTime());
  const others = () => (slots.length ? "Here are the other times." : "There is no other time right now.");

  // After these the question makes no sense any more: back to the times, which are asked for again.
  const overWords = {
    invite_unavailable: () => `This link is not open any more. Ask ${host} for a new one.`,
    not_available: () =>
      isOffered(picked)
        ? "This time cannot be booked: somebody may just have been faster, or this is your own link."
        : `Somebody was faster: this time is taken. ${others()}`,
    too_late: () => `This session has begun already. ${others()}`,
    invalid_request: () => `This time cannot be booked. ${others()}`,
  };

  // After these the question stands, and can be answered otherwise or again.
  const againWords = {
    time_conflict: () =>
      attempt.replace
        ? "You are locked in with somebody else at this time. Cancel that first, or choose another time."
        : "You have another session at this time. Shall it be cancelled for this one?",
    unauthenticated: () => "Your sign-in has run out. Please sign in again.",
    rate_limited: (problem) => `That is too much at once. ${problem.detail}`,
    busy: () => "Many people are booking right now. Please try again: nothing is booked twice.",
  };

  const refused = async (problem) => {
    if (problem.code in overWords) {
      await reload();
      if (problem.code === "invite_unavailable") slots = [];
      draw();
      $("ask").close();
      say(overWords[problem.code]());
      return;
    }
    const words = againWords[problem.code] ?? (() => "That did not work. Please try again.");
    $("ask-said").textContent = words(problem);
    if (problem.code === "unauthenticated") token = null;
    if (problem.code === "time_conflict") newAttempt(!attempt.replace);
    showSignIn();
    (token ? $("book") : $("ask-sign-in")).focus();
  };

  // RFC 5545: lines end in CR LF, have at most 75 bytes, and go on after a space.
  const folded = (line) => {
    const bytes = new TextEncoder();
    const lines = [""];
    for (const character of line) {
      if (bytes.encode(lines.at(-1) + character).length > 75) lines.push(" ");
      lines[lines.length - 1] += character;
    }
    return lines.join("\r\n");
  };
  const escaped = (text) => text.replace(/[\\;,]/g, "\\$&").replace(/\r?\n/g, "\\n");
  const stamp = (instant) => instant.toISOString().replace(/[-:]|\.\d+/g, "");

  const calendarOf = (session, slot) =>
    [
      "BEGIN:VCALENDAR",
      "VERSION:2.0",
      "PRODID:-//Lockstep//Invite page//EN",
      "BEGIN:VEVENT",
      `UID:${session.sessionId}@${location.hostname}`,
      `DTSTAMP:${stamp(new Date(session.users[0].requestedAt))}`,
      `DTSTART:${stamp(slot.start)}`,
      `DTEND:${stamp(endOf(slot))}`,
      `SUMMARY:${escaped(`Locked-in session with ${host}`)}`,
      `DESCRIPTION:${escaped(`Your room: ${session.roomUrl}`)}`,
      `LOCATION:${escaped(session.roomUrl)}`,
      "END:VEVENT",
      "END:VCALENDAR",
    ]
      .map((line) => `${folded(line)}\r\n`)
      .join("");

  const booked = (session) => {
    const slot = { start: new Date(session.startTime), minutes: session.duration / MINUTE };
    $("ask").close();
    $("booked-when").textContent = inWords(slot);
    $("room").href = session.roomUrl;
    $("calendar").href = URL.createObjectURL(new Blob([calendarOf(session, slot)], { type: "text/calendar" }));
    $("calendar").download = `lockstep-${stamp(slot.start)}.ics`;
    for (const id of ["choose", "signed-in", "sign-in"]) $(id).hidden = true;
    $("booked").hidden = false;
    $("done").focus();
  };

  const send = () =>
    fetch(location.pathname, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json", "Idempotency-Key": attempt.key },
      body: JSON.stringify({
        startTime: picked.start.toISOString(),
        duration: picked.minutes * MINUTE,
        ...(attempt.replace && { replace: true }),
      }),
    });

  const book = async () => {
    if (busy) return;
    busy = true;
    $("book").setAttribute("aria-disabled", "true");
    try {
      const answer = await send();
      const body = await answer.json();
      if (answer.ok) booked(body.session);
      else await refused(body);
    } catch {
      $("ask-said").textContent = "The connection was lost. Try again: nothing is booked twice.";
    }
    busy = false;
    $("book").removeAttribute("aria-disabled");
  };

  const takeToken = () => {
    const given = new URLSearchParams(location.hash.slice(1)).get("token");
    if (!given) return;
    token = given;
    history.replaceState(null, "", location.pathname + location.search);
    showSignIn();
  };

  const goOn = () => {
    const at = new Date(new URLSearchParams(location.search).get("at") ?? NaN);
    if (location.search) history.replaceState(null, "", location.pathname);
    if (!token || Number.isNaN(at.getTime())) return;
    const slot = slots.find((offered) => offered.start.getTime() === at.getTime());
    if (slot) ask(slot);
    else say(`Somebody was faster: this time is taken. ${others()}`);
  };

  $("book").addEventListener("click", book);
  $("close").addEventListener("click", () => $("ask").close());
  addEventListener("hashchange", takeToken);
  draw();
  showSignIn();
  takeToken();
  goOn();
})();
