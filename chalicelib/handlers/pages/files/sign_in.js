// The sign-in of a page, by authorization code with PKCE (RFC 7636) at an OpenID provider. The token is kept only in
// memory, so a reload signs out.
const signIn = (() => {
  // The public address of the API is one segment above the API reference, and two above the page of a link.
  const reference = /\/docs\/?$/;
  const base = location.pathname.replace(reference.test(location.pathname) ? reference : /\/[^/]*\/[^/]*$/, "");
  const redirectUri = `${location.origin}${base}/signed-in`;
  const REQUEST = "lockstep-sign-in";
  const RESPONSE = "lockstep-signed-in";
  const texts = JSON.parse(document.getElementById("texts").textContent).sign_in;

  const base64url = (bytes) =>
    btoa(String.fromCharCode(...bytes))
      .replace(/\+/g, "-")
      .replace(/\//g, "_")
      .replace(/=/g, "");
  const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));
  const claimsOf = (token) => {
    const bytes = Uint8Array.from(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")), (character) =>
      character.charCodeAt(0),
    );
    return JSON.parse(new TextDecoder().decode(bytes));
  };
  const settings = () => document.getElementById("sign-in").dataset;

  // Goes to the provider. `at` is returned by `finish`, and `again` asks for another account.
  const begin = async (at, again) => {
    const [state, nonce, verifier] = [random(), random(), random()];
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
    const address = new URL(settings().authorizationUrl);
    const query = {
      response_type: "code",
      client_id: settings().clientId,
      redirect_uri: redirectUri,
      state,
      nonce,
      code_challenge: base64url(new Uint8Array(digest)),
      code_challenge_method: "S256",
      ...(again && { prompt: "login" }),
    };
    for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
    if (!address.searchParams.has("scope")) address.searchParams.set("scope", "openid profile");
    const request = { state, nonce, verifier, back: pagePath(), at };
    sessionStorage.setItem(REQUEST, JSON.stringify(request));
    location.assign(address.href);
  };

  const take = (name) => {
    const text = sessionStorage.getItem(name);
    sessionStorage.removeItem(name);
    return text && JSON.parse(text);
  };

  const exchange = async (code, request) => {
    const answer = await fetch(settings().tokenUrl, {
      method: "POST",
      credentials: "omit",
      redirect: "error",
      body: new URLSearchParams({
        grant_type: "authorization_code",
        code,
        redirect_uri: redirectUri,
        client_id: settings().clientId,
        code_verifier: request.verifier,
      }),
    });
    if (!answer.ok) throw new Error("refused");
    const tokens = await answer.json();
    const token = tokens[settings().token];
    if (typeof token !== "string") throw new Error("no token");
    // An ID token names the request that it answers, also beside an access token for the API.
    if (tokens.id_token && claimsOf(tokens.id_token).nonce !== request.nonce) throw new Error("nonce");
    return token;
  };

  // Returns the token and `at` after the way back from the provider, a text after a failure, null otherwise.
  // State, code and verifier are used once.
  const finish = async () => {
    let response = null;
    let request = null;
    try {
      response = take(RESPONSE);
      if (response) request = take(REQUEST);
    } catch {
      return null;
    }
    if (!response) return null;
    const at = request?.at ?? null;
    if (!request || response.state !== request.state) return { text: texts.state, at: null };
    if (response.error || !response.code) return { text: texts[response.error] ?? texts.failed, at };
    try {
      return { token: await exchange(response.code, request), at };
    } catch {
      return { text: texts.failed, at };
    }
  };

  // The web app at this origin signs out in all pages.
  const onSignOut = (act) => new BroadcastChannel("lockstep-sign-in").addEventListener("message", act);

  return { base, begin, finish, onSignOut, texts };
})();
