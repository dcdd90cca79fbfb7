(() => {
  const $ = (id) => document.getElementById(id);
  // The page of a link that cannot be used has no times. Its host is known after the sign-in.
  const isGone = !$("times");
  let host = isGone ? "" : $("host").textContent;
  const MINUTE = 60000;

  const isSupported = () => {
    try {
      new Intl.DateTimeFormat("en", { timeZoneName: "shortOffset" });
      return "fetch" in window && "subtle" in crypto && "showModal" in HTMLDialogElement.prototype;
    } catch {
      return false;
    }
  };
  // The message of an old browser stays.
  if (!isSupported()) return;
  $("said").textContent = "";

  const texts = JSON.parse($("texts").textContent);
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  // A name keeps its direction apart from the text around it.
  const isolated = (name) => `\u2068${name}\u2069`;

  // Texts, dates and digits are in the language of the page, in the visitor's variant of it. The time zone is
  // the visitor's, and so is the 12- or 24-hour clock, unless the device has another language than the page.
  const { lang } = document.documentElement;
  const variant = navigator.languages.find((tag) => tag.toLowerCase().split("-")[0] === lang);
  const locale = lang === "en" ? "en-GB" : (variant ?? lang);
  const regionOf = (tag) => {
    try {
      return new Intl.Locale(tag).region;
    } catch {
      return undefined;
    }
  };
  const region = navigator.languages.map(regionOf).find(Boolean);
  const local = variant ?? (region ? `${lang}-${region}` : lang);
  const clockOf = (tag) => new Intl.DateTimeFormat(tag, { hour: "numeric" }).resolvedOptions();
  const { hourCycle } = clockOf().locale.split("-")[0] === lang ? clockOf() : clockOf(local);
  const format = (options) => new Intl.DateTimeFormat(locale, options);
  const minutesOf = (slot) => new Intl.NumberFormat(locale).format(slot.minutes);
  const dayFormat = format({ weekday: "long", day: "numeric", month: "long" });
  const is12Hours = hourCycle === "h11" || hourCycle === "h12";
  const clockFormat = format({ hour: is12Hours ? "numeric" : "2-digit", minute: "2-digit", hourCycle });
  const offsetFormat = format({ timeZoneName: "shortOffset" });
  const zoneIn = (given, instant) => given.formatToParts(instant).find((part) => part.type === "timeZoneName").value;
  const offsetOf = (instant) => zoneIn(offsetFormat, instant);
  // The name without the season, such as "Eastern Time". A zone without one has its long name.
  const generic = zoneIn(format({ timeZoneName: "longGeneric" }), new Date());
  const zone = /\p{Nd}/u.test(generic) ? zoneIn(format({ timeZoneName: "long" }), new Date()) : generic;

  const dayOf = (instant) => dayFormat.format(instant);
  const endOf = (slot) => new Date(slot.start.getTime() + slot.minutes * MINUTE);

  // On the day of a clock change a time of day can occur twice, so times have their offset there.
  const changesOn = (instant) => {
    const near = Array.from({ length: 49 }, (_, hours) => new Date(instant.getTime() + (hours - 24) * 60 * MINUTE));
    return new Set(near.filter((other) => dayOf(other) === dayOf(instant)).map(offsetOf)).size > 1;
  };
  const timesOf = (slot) => {
    const changes = changesOn(slot.start) || offsetOf(slot.start) !== offsetOf(endOf(slot));
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
  const summaryOf = (slot) => {
    const length = fill(texts.minutes_with, { count: minutesOf(slot), host: isolated(host) });
    return `${dayOf(slot.start)}\n${timesOf(slot)}, ${zone}\n${length}`;
  };

  // The token is kept only in memory.
  let token = null;
  let again = false;
  let sessions = [];
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
    const length = make("span", `length m${slot.minutes}`, fill(texts.minutes, { count: minutesOf(slot) }));
    const button = make("button", "slot", time, " ", length);
    button.type = "button";
    button.addEventListener("click", () => ask(slot));
    return make("li", "", button);
  };

  const drawTimes = () => {
    const days = new Map();
    for (const slot of slots) {
      const day = dayOf(slot.start);
      days.set(day, [...(days.get(day) ?? []), slot]);
    }
    $("times").replaceChildren(
      ...[...days].map(([day, its]) => {
        const note = changesOn(its[0].start) ? [make("p", "note", texts.clocks_change)] : [];
        return make("section", "day", make("h3", "", day), ...note, make("ul", "slots", ...its.map(drawSlot)));
      }),
    );
    $("free").textContent = slots.length ? texts.free : texts.none_free;
    $("zone").textContent = slots.length ? fill(texts.zone, { zone }) : texts.look_again;
  };

  const drawCalendars = (session, slot, said) => {
    const file = make("button", "link calendar", texts.calendar_file);
    file.type = "button";
    file.addEventListener("click", () => download(session, slot, said));
    const app = document.querySelector("#app a");
    const event = {
      start: slot.start,
      end: endOf(slot),
      title: fill(texts.session_with, { host }),
      details: app ? fill(texts.event_details, { address: `${app.href}sessions` }) : "",
    };
    const links = calendarLinks(event).map(([name, href]) => {
      const link = make("a", "", name);
      link.href = href;
      link.target = "_blank";
      link.rel = "noopener noreferrer";
      return link;
    });
    const items = [file, ...links].map((each) => make("li", "", each));
    return make("div", "calendars", make("p", "", texts.add_to_calendar), make("ul", "links", ...items));
  };

  const drawSession = (session) => {
    const slot = { start: new Date(session.startTime), minutes: session.duration / MINUTE };
    const said = make("p", "said");
    said.setAttribute("role", "alert");
    const actions = make("p", "actions");
    if (session.roomUrl) {
      const room = make("a", "button primary room", texts.open_room);
      room.href = session.roomUrl;
      room.rel = "noreferrer";
      actions.append(room);
    }
    if (slot.start > new Date()) {
      const button = make("button", "button cancel", texts.cancel);
      button.type = "button";
      button.addEventListener("click", () => cancel(session, button, said));
      actions.append(button);
    }
    return make("div", "booked", make("p", "when", summaryOf(slot)), actions, drawCalendars(session, slot, said), said);
  };

  const draw = () => {
    if (!isGone) drawTimes();
    for (const name of document.querySelectorAll(".host")) name.textContent = host;
    $("session-list").replaceChildren(...sessions.map(drawSession));
    $("sessions").hidden = !sessions.length;
    if (isGone && sessions.length) {
      $("title").textContent = fill(texts.title, { host: isolated(host) });
      for (const part of document.querySelectorAll(".gone")) part.hidden = true;
    }
  };

  // Without a sign-in at this deployment the page has no button for it.
  const showSignIn = () => {
    $("signed-in").hidden = !token;
    if ($("app")) $("app").hidden = !token;
    if ($("to-your-session")) $("to-your-session").hidden = Boolean(token);
    if ($("sign-in")) $("sign-in").hidden = Boolean(token);
    if (isGone) return;
    $("book").hidden = !token;
    $("ask-sign-in").hidden = Boolean(token);
  };

  const signOut = () => {
    token = null;
    again = true;
    sessions = [];
    if (!isGone) $("choose").hidden = false;
    draw();
    showSignIn();
  };

  const beginSignIn = async (at) => {
    try {
      await signIn.begin(at, again);
    } catch {
      if (!isGone && $("ask").open) $("ask").close();
      announce(texts.sign_in.storage);
    }
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
    $("book").textContent = replace ? texts.book_instead : texts.book;
  };

  const ask = (slot) => {
    picked = slot;
    newAttempt(false);
    $("ask-when").textContent = summaryOf(slot);
    $("ask-said").textContent = "";
    showSignIn();
    announce("");
    if (!$("ask").open) $("ask").showModal();
  };

  const authorization = () => (token ? { Authorization: `Bearer ${token}` } : {});

  const reload = async () => {
    try {
      const headers = { Accept: "application/json", ...authorization() };
      const answer = await fetch(location.pathname, { headers });
      if (answer.status === 404) [slots, sessions] = [[], []];
      if (answer.ok) {
        const body = await answer.json();
        host = body.host.name;
        slots = body.slots.map((slot) => ({ start: new Date(slot.startTime), minutes: slot.duration / MINUTE }));
        sessions = body.sessions ?? [];
      }
    } catch {
      // The old times stay on the page. The service checks the chosen one again.
    }
    draw();
  };

  const cancelTexts = { too_late: texts.cancel_too_late, unauthenticated: texts.expired };
  const showRefusal = (code, said) => {
    if (code === "unauthenticated") signOut();
    const text = cancelTexts[code] ?? texts.failed;
    if (token) said.textContent = text;
    else announce(text);
  };

  // The first press asks, the second cancels.
  const cancel = async (session, button, said) => {
    if (button.dataset.asked !== "yes") {
      button.dataset.asked = "yes";
      button.textContent = texts.cancel_asked;
      return;
    }
    if (busy) return;
    busy = true;
    try {
      const address = `${signIn.base}/v1/sessions/${session.sessionId}`;
      const answer = await fetch(address, { method: "DELETE", headers: authorization() });
      if (answer.ok) {
        sessions = sessions.filter((other) => other !== session);
        // With an old key the same slot would get the old response.
        keys.clear();
        if (!isGone) $("choose").hidden = false;
        await reload();
        announce(texts.cancelled);
      } else {
        showRefusal((await answer.json()).code, said);
      }
    } catch {
      said.textContent = texts.lost;
    }
    busy = false;
  };

  const isOffered = (slot) => slots.some((other) => other.start.getTime() === slot.start.getTime());
  const others = () => (slots.length ? texts.other_times : texts.no_other_time);

  // These problems close the dialog: the page loads the free times again.
  const finalTexts = {
    invite_unavailable: () => fill(texts.link_gone, { host: isolated(host) }),
    not_available: () => (isOffered(picked) ? texts.not_bookable : `${texts.taken} ${others()}`),
    too_late: () => `${texts.too_late} ${others()}`,
    invalid_request: () => `${texts.invalid_time} ${others()}`,
  };

  // These problems keep the dialog open: the visitor can retry.
  const retryTexts = {
    time_conflict: () => (attempt.replace ? texts.conflict_locked_in : texts.conflict),
    unauthenticated: () => texts.expired,
    rate_limited: ({ detail }) => fill(texts.limit, { detail }),
    busy: () => texts.busy,
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
    const text = retryTexts[problem.code] ?? (() => texts.failed);
    $("ask-said").textContent = text(problem);
    if (problem.code === "unauthenticated") signOut();
    if (problem.code === "time_conflict") newAttempt(!attempt.replace);
    showSignIn();
    (token ? $("book") : $("ask-sign-in")).focus();
  };

  const stamp = (instant) => instant.toISOString().replace(/[-:]|\.\d+/g, "");

  // The service writes the file, and a link saves it under a name.
  const download = async (session, slot, said) => {
    said.textContent = "";
    try {
      const link = encodeURIComponent(location.pathname.split("/").pop());
      const address = `${signIn.base}/v1/sessions/${session.sessionId}/calendar?link=${link}`;
      const answer = await fetch(address, { headers: authorization() });
      if (!answer.ok) {
        showRefusal((await answer.json()).code, said);
        return;
      }
      const file = make("a", "");
      file.href = URL.createObjectURL(await answer.blob());
      file.download = `lockstep-${stamp(slot.start)}.ics`;
      file.click();
    } catch {
      said.textContent = texts.lost;
    }
  };

  const booked = (session) => {
    sessions = [session, ...sessions.filter((other) => other.sessionId !== session.sessionId)];
    draw();
    $("ask").close();
    $("choose").hidden = true;
    $("yours").focus();
  };

  const send = () =>
    fetch(location.pathname, {
      method: "POST",
      headers: { ...authorization(), "Content-Type": "application/json", "Idempotency-Key": attempt.key },
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
      $("ask-said").textContent = texts.lost_booking;
    }
    busy = false;
    $("book").removeAttribute("aria-disabled");
  };

  // The page names the member before anything can be booked.
  const enter = async (given) => {
    const answer = await fetch(`${signIn.base}/v1/me`, { headers: { Authorization: `Bearer ${given}` } });
    if (!answer.ok) throw new Error("refused");
    $("me").textContent = (await answer.json()).user.name;
    token = given;
    await reload();
    showSignIn();
    if (isGone && !sessions.length) announce(texts.no_session);
  };

  const resumeChoice = (at) => {
    const start = new Date(at ?? NaN).getTime();
    if (Number.isNaN(start) || sessions.some((session) => new Date(session.startTime).getTime() === start)) return;
    const slot = slots.find((offered) => offered.start.getTime() === start);
    if (slot) ask(slot);
    else announce(`${texts.taken} ${others()}`);
  };

  const finishSignIn = async () => {
    const result = await signIn.finish();
    if (!result) return;
    if (result.text) {
      announce(result.text);
      return;
    }
    try {
      await enter(result.token);
    } catch {
      // The account may be deleted since the sign-in at the provider, which then asks.
      again = true;
      announce(texts.sign_in.failed);
      return;
    }
    if (!isGone) resumeChoice(result.at);
  };

  $("sign-in")?.addEventListener("click", () => beginSignIn(null));
  const leave = () => {
    if (!token) return;
    if (!isGone && $("ask").open) $("ask").close();
    signOut();
    announce(texts.signed_out);
  };
  $("not-you").addEventListener("click", leave);
  signIn.onSignOut(leave);
  if (!isGone) {
    $("book").addEventListener("click", book);
    $("close").addEventListener("click", () => $("ask").close());
    if ($("sign-in")) $("ask-sign-in").addEventListener("click", () => beginSignIn(picked.start.toISOString()));
  }
  // The picture is drawn here, so that no program that previews a link finds it in the page.
  const photoUrl = document.querySelector(".face").dataset.photoUrl;
  if (photoUrl) {
    const photo = make("img", "");
    photo.alt = "";
    photo.referrerPolicy = "no-referrer";
    photo.src = photoUrl;
    document.querySelector(".face").append(photo);
  }
  draw();
  showSignIn();
  finishSignIn();
})();
