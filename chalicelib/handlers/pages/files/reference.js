"use strict";
(() => {
  const credentials = document.getElementById("credentials");
  const caller = document.getElementById("caller");
  // The path of this page may begin with a stage of the gateway.
  const base = location.pathname.replace(/\/docs\/?$/, "");

  // A bearer token has three parts, separated by dots. An API key has no dot.
  const credentialHeaders = () => {
    const text = credentials.value.trim();
    if (!text) return {};
    return text.includes(".") ? { Authorization: `Bearer ${text}` } : { "X-API-KEY": text };
  };

  const request = (form) => {
    const headers = credentialHeaders();
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

  const indented = (text) => {
    try {
      return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      return text;
    }
  };

  const send = async (form) => {
    const output = form.querySelector(".answer");
    output.textContent = "…";
    try {
      const response = await fetch(...request(form));
      output.textContent = `${response.status}\n${indented(await response.text())}`;
    } catch (error) {
      output.textContent = `Not sent: ${error.message}`;
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
