(() => {
  const $ = (id) => document.getElementById(id);
  const forms = [...document.querySelectorAll("form.try")];
  const formOf = (method, path) => forms.find((form) => form.dataset.method === method && form.dataset.path === path);
  signIn.texts.access_denied = "You did not sign in.";

  // The headers of the signed-in member, empty without credentials. They are kept only in memory.
  let credentials = {};
  let again = false;
  let me = "";

  // A bearer token has three parts, separated by dots. An API key has no dot.
  const headersOf = (text) => {
    if (!text) return {};
    return text.includes(".") ? { Authorization: `Bearer ${text}` } : { "X-API-KEY": text };
  };

  const announce = (text) => {
    $("said").textContent = text;
    if (text) $("said").focus();
  };

  // The address and the options of a form's request, without credentials.
  const request = (form) => {
    const headers = {};
    const query = new URLSearchParams();
    let path = form.dataset.path;
    for (const input of form.querySelectorAll("input")) {
      if (!input.value) continue;
      if (input.dataset.in === "path") path = path.replace(`{${input.name}}`, encodeURIComponent(input.value));
      else if (input.dataset.in === "query") query.set(input.name, input.value);
      else headers[input.name] = input.value;
    }
    const body = form.querySelector("textarea")?.value;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    // `query.size` is unknown to Safari 16 and Chrome 112.
    const asked = String(query) && `?${query}`;
    const address = `${location.origin}${signIn.base}${path}${asked}`;
    return { address, method: form.dataset.method, headers, body };
  };

  const call = (form) => {
    const { address, headers, ...options } = request(form);
    const all = { ...headers, ...credentials };
    return fetch(address, { ...options, headers: all, credentials: "omit", cache: "no-store" });
  };

  // The command never contains the credentials, so that it can be shared.
  const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  const commandOf = (form) => {
    const { address, method, headers, body } = request(form);
    const parts = [`curl ${quoted(address)}`];
    if (method !== (body === undefined ? "GET" : "POST")) parts.push(`-X ${method}`);
    if ("X-API-KEY" in credentials) parts.push('-H "X-API-KEY: $KEY"');
    else if (credentials.Authorization || !("public" in form.dataset)) parts.push('-H "Authorization: Bearer $TOKEN"');
    for (const [name, value] of Object.entries(headers)) parts.push(`-H ${quoted(`${name}: ${value}`)}`);
    if (body !== undefined) parts.push(`-d ${quoted(body)}`);
    return parts.join(" \\\n  ");
  };
  const drawCommand = (form) => {
    form.querySelector(".curl").textContent = commandOf(form);
  };

  // The ids of a response, the first of each name. The caller's own id is not one that other operations need.
  const idsIn = (value, found = {}) => {
    for (const [name, content] of Object.entries(value ?? {})) {
      if (name === "url" && content) found[content.endsWith(".ics") ? "file" : "token"] ??= content.split("/").at(-1);
      else if (content && typeof content === "object") idsIn(content, found);
      else if (name.endsWith("Id") && content && content !== me) found[name] ??= content;
    }
    return found;
  };

  // Fills in the ids of things that the caller has. An id that the reader typed stays.
  const known = {};
  const learn = (ids, isNew) => {
    for (const [name, id] of Object.entries(ids)) {
      if (isNew || !known[name] || known[name] === me) known[name] = id;
    }
    for (const form of forms) {
      for (const input of form.querySelectorAll("input[data-in=path]")) {
        const id = known[input.name] ?? "";
        if (!input.value || input.value === input.dataset.filled) input.value = input.dataset.filled = id;
      }
      drawCommand(form);
    }
  };
  const forget = () => {
    for (const name of Object.keys(known)) delete known[name];
    learn({}, false);
  };

  const indented = (text) => {
    try {
      return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      return text;
    }
  };

  const MOST_SHOWN = 20000;
  const shortened = (text) =>
    text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}\n… ${text.length} characters in all` : text;

  const showCaller = (name) => {
    $("signed-in").hidden = !name;
    $("me").textContent = name;
    if ($("sign-in")) $("sign-in").hidden = Boolean(name);
  };

  const signOut = (text) => {
    credentials = {};
    again = true;
    me = "";
    $("credentials").value = "";
    showCaller("");
    forget();
    announce(text);
  };

  // The page names the member, and looks for the ids of their sessions, favorites, links and keys.
  const LISTS = ["/v1/sessions", "/v1/people", "/v1/repeats", "/v1/invite-links", "/v1/calendar-feeds", "/v1/push-subscriptions", "/v1/api-keys"];
  const enter = async (given) => {
    const before = credentials;
    const answer = await fetch(`${signIn.base}/v1/me`, { headers: given, credentials: "omit", cache: "no-store" });
    if (!answer.ok) throw new Error("refused");
    const { user } = await answer.json();
    // The reader may have typed other credentials or signed out meanwhile.
    if (credentials !== before) return;
    credentials = given;
    me = user.userId;
    showCaller(user.name);
    const answers = await Promise.allSettled(LISTS.map((path) => call(formOf("GET", path))));
    const bodies = await Promise.all(answers.map(({ value }) => (value?.ok ? value.json() : {})));
    if (credentials !== given) return;
    for (const body of bodies) learn(idsIn(body), false);
    learn({ userId: me }, false);
  };

  // The first press asks, the second sends.
  const isConfirmed = (form, button) => {
    const { confirm } = form.dataset;
    if (!confirm || button.textContent === confirm) {
      button.textContent = "Send";
      return true;
    }
    button.textContent = confirm;
    return false;
  };

  const send = async (form) => {
    if (!isConfirmed(form, form.querySelector(".button"))) return;
    const output = form.querySelector(".answer");
    output.textContent = "…";
    try {
      const response = await call(form);
      const text = indented(await response.text());
      const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
      // The description itself contains ids of examples.
      if (response.ok && isJson && form.dataset.path.startsWith("/v1/")) learn(idsIn(JSON.parse(text)), response.status === 201);
      output.textContent = `${response.status}\n${shortened(text)}`;
      if (response.ok && "confirm" in form.dataset) signOut("Your account is deleted.");
      if (response.status === 401 && me) signOut("Your credentials are no longer valid. Please sign in again.");
    } catch (error) {
      output.textContent = `Not sent: ${error.message}`;
    }
  };

  const beginSignIn = async () => {
    try {
      await signIn.begin(null, again);
    } catch {
      announce(signIn.texts.storage);
    }
  };

  const finishSignIn = async () => {
    const result = await signIn.finish();
    if (!result) return;
    if (result.text) {
      announce(result.text);
      return;
    }
    try {
      await enter(headersOf(result.token));
    } catch {
      // The account may be deleted since the sign-in at the provider, which then asks.
      again = true;
      announce(signIn.texts.failed);
    }
  };

  // A typed token or key replaces the sign-in.
  const useCredentials = () => {
    credentials = headersOf($("credentials").value.trim());
    showCaller("");
    forget();
  };
  const lookUpCaller = async () => {
    try {
      if ($("credentials").value) await enter(credentials);
    } catch {
      announce("These credentials are not valid.");
    }
  };

  $("caller").hidden = false;
  $("caller").addEventListener("submit", (event) => event.preventDefault());
  $("credentials").addEventListener("input", useCredentials);
  $("credentials").addEventListener("change", lookUpCaller);
  $("sign-in")?.addEventListener("click", beginSignIn);
  const leave = () => signOut("You are signed out on this page.");
  $("sign-out").addEventListener("click", leave);
  signIn.onSignOut(() => Object.keys(credentials).length && leave());
  for (const form of forms) {
    form.hidden = false;
    form.addEventListener("input", () => drawCommand(form));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(form);
    });
  }
  showCaller("");
  forget();
  finishSignIn();
})();
