"use strict";
(() => {
  const credentials = document.getElementById("credentials");
  const caller = document.getElementById("caller");
  // Below whatever path this page is: a stage of the gateway may come before.
  const base = location.pathname.replace(/\/docs\/?$/, "");

  // A bearer token has three parts with dots between them, an API key has none.
  const told = () => {
    const text = credentials.value.trim();
    if (!text) return {};
    return text.includes(".") ? { Authorization: `Bearer ${text}` } : { "X-API-KEY": text };
  };

  const request = (form) => {
    const headers = told();
    const query = new URLSearchParams();
    let path = form.dataset.path;
    for (const input of form.querySelectorAll("input")) {
      if (input.dataset.in === "path") path = path.replace(`{${input.name}}`, encodeURIComponent(input.value));
      else if (input.value && input.dataset.in === "query") query.set(input.name, input.value);
      else if (input.value) headers[input.name] = input.value;
    }
    const options = { method: form.dataset.method, headers, credentials: "omit", cache: "no-store" };
    const body = form.querySelector("textarea");
    if (body) {
      headers["Content-Type"] = "application/json";
      options.body = body.value;
    }
    return [`${base}${path}${query.size ? `?${query}` : ""}`, options];
  };

  const written = (text) => {
    try {
      return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      return text;
    }
  };

  const send = async (form) => {
    const answer = form.querySelector(".answer");
    answer.textContent = "…";
    try {
      const response = await fetch(...request(form));
      answer.textContent = `${response.status}\n${written(await response.text())}`;
    } catch (error) {
      answer.textContent = `Not sent: ${error.message}`;
    }
  };

  caller.hidden = false;
  caller.addEventListener("submit", (event) => event.preventDefault());
  for (const form of document.querySelectorAll("form.try")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(form);
    });
  }
})();
