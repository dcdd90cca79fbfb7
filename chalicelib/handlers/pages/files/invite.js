"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const host = $("host").textContent;
  const MINUTE = 60000;

  // Texts are English. The 12- or 24-hour clock and the time zone are the visitor's.
  const { hourCycle } = new Intl.DateTimeFormat(undefined, { hour: "numeric" }).resolvedOptions();
  const format = (options) => new Intl.DateTimeFormat("en-GB", options);
  const dayFormat = format({ weekday: "long", day: "numeric", month: "long" });
  const is12Hours = hourCycle === "h11" || hourCycle === "h12";
  const clockFormat = format({ hour: is12Hours ? "numeric" : "2-digit", minute: "2-digit", hourCycle });
  const offsetFormat = format({ timeZoneName: "shortOffset" });
  const zoneIn = (given, instant) => given.formatToParts(instant).find((part) => part.type === "timeZoneName").value;
  const offsetOf = (instant) => zoneIn(offsetFormat, instant);
  // The name without the season, such as "Eastern Time". A zone without one has its long name.
  const generic = zoneIn(format({ timeZoneName: "longGeneric" }), new Date());
  const zone = generic.startsWith("GMT") ? zoneIn(format({ timeZoneName: "long" }), new Date()) : generic;

  const dayOf = (instant) => dayFormat.format(instant);
  const endOf = (slot) => new Date(slot.start.getTime() + slot.minutes * MINUTE);

  // On the day of a clock change a time of day can occur twice, so times have their offset there.
  const changesOn = (instant) => {
    const near = Array.from({ length: 49 }, (_, hours) => new Date(instant.getTime() + (hours - 24) * 60 * MINUTE));
    return new Set(near.filter((other) => dayOf(other) === dayOf(instant)).map(offsetOf)).size > 1;
  };
  const timesOf = (slot) => {
    const changes = changesOn(slot.start);
    const partsOf = (instant) => {
      const [time, half = ""] = clockFormat.format(instant).split(/\s/);
      return { time, half, offset: changes ? offsetOf(instant) : "" };
    };
    const textOf = ({ time, half, offset }) => [time, half, offset].filter(Boolean).join(" ");
    const [from, to] = [partsOf(slot.start), partsOf(endOf(slot))];
    // A common offset or half of the day appears once: "9:00–9:50 am", "11:30 am–12:20 pm".
    if (from.offset === to.offset) {
      from.offset = "";
      if (from.half === to.half) from.half = "";
    }
    return `${textOf(from)}–${textOf(to)}`;
  };
  const summaryOf = (slot) => `${dayOf(slot.start)}\n${timesOf(slot)}, ${zone}\n${slot.minutes} minutes with ${host}`;

  // The token is kept only in memory.
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

  const announce = (text) => {
    $("said").textContent = text;
    if (text) $("said").focus();
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

  // One idempotency key for each possible request, so that a retry after a lost response books once.
  const keys = new Map();
  const keyFor = (request) => {
    const random = crypto.getRandomValues(new Uint8Array(16));
    if (!keys.has(request)) keys.set(request, Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join(""));
    return keys.get(request);
  };

  const newAttempt = (replace) => {
    attempt = { replace, key: keyFor(`${picked.start.toISOString()} ${replace}`) };
    $("book").textContent = replace ? "Cancel the other and book this" : "Book and lock in";
  };

  // The return address keeps the chosen slot over the sign-in page. It never contains the token.
  const rememberInLinks = (slot) => {
    for (const link of document.querySelectorAll("a#sign-in, a#ask-sign-in")) {
      const address = new URL(link.href);
      const back = address.searchParams.get("return");
      // An address with a fragment has no `return` parameter, and the visitor chooses again after the sign-in.
      if (back) address.searchParams.set("return", `${back.split("?")[0]}?at=${slot.start.toISOString()}`);
      link.href = address.href;
    }
  };

  const ask = (slot) => {
    picked = slot;
    newAttempt(false);
    rememberInLinks(slot);
    $("ask-when").textContent = summaryOf(slot);
    $("ask-said").textContent = "";
    showSignIn();
    announce("");
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
      // The old times stay on the page. The service checks the chosen one again.
    }
    draw();
  };

  const isOffered = (slot) => slots.some((other) => other.start.getTime() === slot.start.getTime());
  const others = () => (slots.length ? "Here are the other times." : "There is no other time right now.");

  // These problems close the dialog: the page loads the free times again.
  const finalTexts = {
    invite_unavailable: () => `This link does not work any more. Ask ${host} for a new one.`,
    not_available: () =>
      isOffered(picked)
        ? "This time cannot be booked. It may just have been taken, or this is your own link."
        : `This time has just been taken. ${others()}`,
    too_late: () => `This session has already begun. ${others()}`,
    invalid_request: () => `This time cannot be booked. ${others()}`,
  };

  // These problems keep the dialog open: the visitor can retry.
  const retryTexts = {
    time_conflict: () =>
      attempt.replace
        ? "You are locked in with another member at this time. Cancel that session first, or choose another time."
        : "You have another session at this time. Do you want to cancel it and book this one?",
    unauthenticated: () => "Your sign-in has expired. Please sign in again.",
    rate_limited: (problem) => `You have reached a limit. ${problem.detail}`,
    busy: () => "The service is busy. Please try again: nothing is booked twice.",
  };

  const showProblem = async (problem) => {
    if (problem.code in finalTexts) {
      await reload();
      if (problem.code === "invite_unavailable") slots = [];
      draw();
      $("ask").close();
      announce(finalTexts[problem.code]());
      return;
    }
    const text = retryTexts[problem.code] ?? (() => "That did not work. Please try again.");
    $("ask-said").textContent = text(problem);
    if (problem.code === "unauthenticated") token = null;
    if (problem.code === "time_conflict") newAttempt(!attempt.replace);
    showSignIn();
    (token ? $("book") : $("ask-sign-in")).focus();
  };

  // RFC 5545: lines end in CR LF and have at most 75 bytes. A continuation line begins with a space.
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
    $("booked-when").textContent = summaryOf(slot);
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
      else await showProblem(body);
    } catch {
      $("ask-said").textContent = "The connection was lost. Please try again: nothing is booked twice.";
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

  const resumeChoice = () => {
    const at = new Date(new URLSearchParams(location.search).get("at") ?? NaN);
    if (location.search) history.replaceState(null, "", location.pathname);
    if (!token || Number.isNaN(at.getTime())) return;
    const slot = slots.find((offered) => offered.start.getTime() === at.getTime());
    if (slot) ask(slot);
    else announce(`This time has just been taken. ${others()}`);
  };

  $("book").addEventListener("click", book);
  $("close").addEventListener("click", () => $("ask").close());
  addEventListener("hashchange", takeToken);
  draw();
  showSignIn();
  takeToken();
  resumeChoice();
})();
