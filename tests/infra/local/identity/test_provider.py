"""The OpenID provider of the local run, called as a page and its browser call it."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from http.client import HTTPConnection
from typing import Any
from urllib.parse import parse_qsl, urlencode
from urllib.request import urlopen

import jwt
import pytest

from infra.local.run_process import LocalRun
from tests.infra.local.test_runner import start_and_fail

SECONDS = 90
CALLBACK = "http://localhost:3000/callback"


@pytest.fixture(scope="module")
def run() -> Iterator[LocalRun]:
    with LocalRun(LOCKSTEP_LOCAL_TOKEN_SECONDS=str(SECONDS)) as run:
        yield run


VERIFIER = "a verifier of at least 43 characters, as RFC 7636 asks"
CHALLENGE = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
FORM = "application/x-www-form-urlencoded"


def authorization(run: LocalRun, **changed: str | None) -> dict[str, str]:
    """Return an authorization request with changed fields. None leaves a field out."""
    fields = {
        "response_type": "code",
        "client_id": "lockstep",
        "redirect_uri": f"{run.url}/signed-in?kept=1",
        "state": "s & t",
        "nonce": "n",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return {name: value for name, value in {**fields, **changed}.items() if value is not None}


@dataclass
class ProviderBrowser:
    """A browser at the provider, which keeps its cookie and follows no redirect."""

    run: LocalRun
    cookie: str = ""
    set_cookies: list[str] = field(default_factory=list)

    def send(self, method: str, path: str, fields: dict[str, str] | None = None, **more: str) -> tuple[int, str, str]:
        """Send a request, in a form if it has fields. Return the status, the location and the body."""
        host = self.run.url.removeprefix("http://")
        connection = HTTPConnection(host, timeout=10)
        headers = {"Content-Type": FORM, **more} | ({"Cookie": self.cookie} if self.cookie else {})
        connection.request(method, path, urlencode(fields) if fields is not None else None, headers)
        response = connection.getresponse()
        location, body = response.headers.get("Location", ""), response.read().decode()
        if cookie := response.headers.get("Set-Cookie"):
            self.set_cookies.append(cookie)
            self.cookie = cookie.partition(";")[0]
        connection.close()
        return response.status, location, body

    def ask(self, **changed: str | None) -> tuple[int, dict[str, str], str]:
        """Open the authorization endpoint, and return the status, the query of the redirect and the body."""
        status, location, body = self.send("GET", f"/dev/authorize?{urlencode(authorization(self.run, **changed))}")
        return status, dict(parse_qsl(location.partition("?")[2])), body

    def sign_in(self, name: str = "Zoe") -> dict[str, Any]:
        """Sign in as a new member, and return the tokens."""
        _, location, _ = self.send("POST", "/dev/authorize", {**authorization(self.run), "name": name})
        return exchange(self.run, dict(parse_qsl(location.partition("?")[2]))["code"])[1]


def sign_in(run: LocalRun) -> dict[str, Any]:
    """Return a new member with a token of `/dev/sign-in`."""
    return dict(run.call("POST", "/dev/sign-in", payload={"name": "Zoe"})[1])


def post_form(run: LocalRun, path: str, fields: dict[str, str]) -> tuple[int, dict[str, str], str]:
    """Send a form, and return the status, the query of the redirect and the body."""
    status, location, body = ProviderBrowser(run).send("POST", path, fields)
    assert location.startswith(f"{run.url}/signed-in?kept=1&") or not location
    return status, dict(parse_qsl(location.partition("?")[2])), body


def code_of(run: LocalRun, **changed: str | None) -> str:
    """Return the authorization code of a new member."""
    status, answer, _ = post_form(run, "/dev/authorize", {**authorization(run, **changed), "name": "Zoe Z"})
    assert (status, answer["state"]) == (303, "s & t")
    return answer["code"]


def exchange(run: LocalRun, code: str, **changed: str) -> tuple[int, dict[str, Any]]:
    """Exchange a code for tokens, with changed fields of the request."""
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": f"{run.url}/signed-in?kept=1",
        "client_id": "lockstep",
        "code_verifier": VERIFIER,
    }
    status, _, body = post_form(run, "/dev/token", {**fields, **changed})
    return status, json.loads(body)


def test_the_provider_lists_the_demo_members(run: LocalRun) -> None:
    status, _, page = ProviderBrowser(run).ask()
    assert (status, page.count('name="state" value="s &amp; t"')) == (200, 3)
    for name in ("Mara", "Noor", "Otto", "Pia", "Quin"):
        assert f">{name}<" in page


def test_the_provider_returns_to_the_configured_origins(run: LocalRun) -> None:
    """A browser also applies the policy of the page to the redirect after the form."""
    with urlopen(f"{run.url}/dev/authorize?{urlencode(authorization(run, redirect_uri=CALLBACK))}") as response:  # noqa: S310
        policy = response.headers["Content-Security-Policy"]
    assert "form-action 'self' http://localhost:3000;" in policy


def test_the_provider_exchanges_a_code_once_for_a_token_with_the_nonce(run: LocalRun) -> None:
    code = code_of(run)
    status, tokens = exchange(run, code)
    assert (status, tokens["token_type"]) == (200, "Bearer")
    claims = jwt.decode(tokens["id_token"], options={"verify_signature": False})
    assert (claims["nonce"], claims["name"], claims["aud"]) == ("n", "Zoe Z", "lockstep")
    assert run.call("GET", "/v1/me", tokens["access_token"])[1]["user"]["name"] == "Zoe Z"
    assert exchange(run, code) == (400, {"error": "invalid_grant"})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code_verifier", "another verifier"),
        ("code_verifier", CHALLENGE),
        ("redirect_uri", "http://127.0.0.1:1/signed-in"),
        ("client_id", "another"),
    ],
)
def test_the_provider_refuses_a_code_to_another_client_and_then_to_all(run: LocalRun, field: str, value: str) -> None:
    code = code_of(run)
    assert exchange(run, code, **{field: value}) == (400, {"error": "invalid_grant"})
    assert exchange(run, code) == (400, {"error": "invalid_grant"})


def test_the_provider_signs_in_a_known_member_or_returns_a_refusal(run: LocalRun) -> None:
    member = sign_in(run)
    _, answer, _ = post_form(run, "/dev/authorize", {**authorization(run), "userId": member["userId"]})
    token = exchange(run, answer["code"])[1]["id_token"]
    assert run.call("GET", "/v1/me", token)[1]["user"]["userId"] == member["userId"]
    refused = {"kept": "1", "error": "access_denied", "state": "s & t"}
    assert post_form(run, "/dev/authorize", authorization(run))[:2] == (303, refused)


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("code_challenge", None, "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("response_type", "token", "unsupported_response_type"),
    ],
)
def test_the_provider_returns_the_error_of_a_request_without_pkce(
    run: LocalRun, field: str, value: str | None, error: str
) -> None:
    fields = {**authorization(run, **{field: value}), "name": "Zoe"}
    status, answer, _ = post_form(run, "/dev/authorize", fields)
    assert (status, answer) == (303, {"kept": "1", "error": error, "state": "s & t"})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("client_id", "another"),
        ("redirect_uri", "https://evil.example/signed-in"),
        ("redirect_uri", "//evil.example/"),
        ("redirect_uri", "/signed-in"),
        ("redirect_uri", None),
    ],
)
def test_the_provider_redirects_to_no_other_origin(run: LocalRun, field: str, value: str | None) -> None:
    fields = authorization(run, **{field: value})
    for method, path, payload in (
        ("GET", f"/dev/authorize?{urlencode(fields)}", None),
        ("POST", "/dev/authorize", {**fields, "name": "Zoe"}),
    ):
        status, problem = run.call(method, path, payload=payload)
        assert (status, problem["code"], problem["field"]) == (422, "invalid_request", field)


@pytest.mark.parametrize("path", ["/", "/people", "/i/a-link", "/sign-in/more", "/signed-in.html"])
def test_the_provider_returns_to_no_other_page_of_the_run(run: LocalRun, path: str) -> None:
    fields = authorization(run, redirect_uri=run.url + path)
    for method, where, payload in (
        ("GET", f"/dev/authorize?{urlencode(fields)}", None),
        ("POST", "/dev/authorize", {**fields, "name": "Zoe"}),
    ):
        status, problem = run.call(method, where, payload=payload)
        assert (status, problem["code"], problem["field"]) == (422, "invalid_request", "redirect_uri")


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost:3000", "http://127.0.0.1:1", "null"])
def test_a_form_of_another_origin_signs_no_browser_in(run: LocalRun, origin: str) -> None:
    """A page that a developer visits signs the browser in as a member of its choice."""
    form = {**authorization(run), "name": "Mallory"}
    page = ProviderBrowser(run)
    assert page.send("POST", "/dev/authorize", form, Origin=origin)[0] == 422
    assert page.set_cookies == []
    assert page.send("POST", "/dev/authorize", form, Origin=run.url)[0] == 303
    assert len(page.set_cookies) == 1


def test_the_provider_describes_itself(run: LocalRun) -> None:
    document = run.call("GET", "/.well-known/openid-configuration")[1]
    endpoints = document["authorization_endpoint"], document["token_endpoint"], document["jwks_uri"]
    assert endpoints == (f"{run.url}/dev/authorize", f"{run.url}/dev/token", f"{run.url}/dev/jwks.json")
    ends = document["end_session_endpoint"], document["revocation_endpoint"]
    assert ends == (f"{run.url}/dev/sign-out", f"{run.url}/dev/revoke")
    assert document["grant_types_supported"] == ["authorization_code", "refresh_token"]
    assert (document["response_types_supported"], document["code_challenge_methods_supported"]) == (["code"], ["S256"])


# Renewal


def renew(run: LocalRun, refresh_token: str, **changed: str) -> tuple[int, dict[str, Any]]:
    fields = {"grant_type": "refresh_token", "refresh_token": refresh_token, "client_id": "lockstep", **changed}
    status, _, body = ProviderBrowser(run).send("POST", "/dev/token", fields)
    return status, json.loads(body)


REFUSED = (400, {"error": "invalid_grant"})


def test_a_refresh_token_gets_tokens_of_the_same_member_with_the_lifetime_of_the_settings(run: LocalRun) -> None:
    first = ProviderBrowser(run).sign_in("Zoe")
    status, second = renew(run, first["refresh_token"])
    one, other = (jwt.decode(each["id_token"], options={"verify_signature": False}) for each in (first, second))
    assert (status, first["expires_in"], second["expires_in"]) == (200, SECONDS, SECONDS)
    assert (other["sub"], other["name"], other["exp"] - other["iat"]) == (one["sub"], "Zoe", SECONDS)
    assert run.call("GET", "/v1/me", second["access_token"])[1]["user"]["name"] == "Zoe"
    assert second["refresh_token"] != first["refresh_token"]


def test_a_refresh_token_that_was_replaced_twice_revokes_its_family(run: LocalRun) -> None:
    first = ProviderBrowser(run).sign_in()["refresh_token"]
    second = renew(run, first)[1]["refresh_token"]
    third = renew(run, second)[1]["refresh_token"]
    assert renew(run, first) == REFUSED
    assert renew(run, third) == REFUSED


def test_a_renewal_whose_response_was_lost_can_be_repeated(run: LocalRun) -> None:
    first = ProviderBrowser(run).sign_in()["refresh_token"]
    lost = renew(run, first)[1]["refresh_token"]
    status, again = renew(run, first)
    assert status == 200
    # Only one of two successors stays valid. A second one would be a copy.
    assert renew(run, lost) == REFUSED
    assert renew(run, again["refresh_token"]) == REFUSED


@pytest.mark.parametrize("token", ["", "unknown", "unknown.secret", "a.b.c"])
def test_an_unknown_refresh_token_is_refused(run: LocalRun, token: str) -> None:
    assert renew(run, token) == REFUSED


def test_a_refresh_token_of_another_client_is_refused_and_revoked(run: LocalRun) -> None:
    token = ProviderBrowser(run).sign_in()["refresh_token"]
    assert renew(run, token, client_id="another") == REFUSED
    assert renew(run, token) == REFUSED


def test_a_revoked_refresh_token_is_refused_with_its_successors(run: LocalRun) -> None:
    first = ProviderBrowser(run).sign_in()["refresh_token"]
    second = renew(run, first)[1]["refresh_token"]
    for token in (first, "unknown"):
        assert ProviderBrowser(run).send("POST", "/dev/revoke", {"token": token})[0] == 200
    assert renew(run, second) == REFUSED


def test_an_invalid_lifetime_of_tokens_is_named() -> None:
    failed = start_and_fail(PORT="0", LOCKSTEP_LOCAL_TOKEN_SECONDS="1h")
    assert (failed.returncode, failed.stderr) == (1, "LOCKSTEP_LOCAL_TOKEN_SECONDS is not a number of seconds: '1h'.\n")


# The session of a browser


def test_a_browser_with_a_session_gets_a_code_without_the_page(run: LocalRun) -> None:
    page = ProviderBrowser(run)
    first = jwt.decode(page.sign_in()["id_token"], options={"verify_signature": False})
    for prompt in (None, "none"):
        status, answer, _ = page.ask(prompt=prompt, nonce="m")
        token = exchange(run, answer["code"])[1]["id_token"]
        claims = jwt.decode(token, options={"verify_signature": False})
        assert (status, answer["state"], claims["sub"], claims["nonce"]) == (303, "s & t", first["sub"], "m")


@pytest.mark.parametrize("prompt", ["login", "select_account", "login consent"])
def test_a_prompt_asks_again_despite_a_session(run: LocalRun, prompt: str) -> None:
    page = ProviderBrowser(run)
    page.sign_in()
    status, _, body = page.ask(prompt=prompt)
    assert (status, "Who are you?" in body) == (200, True)


@pytest.mark.parametrize(("prompt", "error"), [("none", "login_required"), ("none login", "invalid_request")])
def test_a_browser_without_a_session_is_not_asked_with_the_prompt_none(run: LocalRun, prompt: str, error: str) -> None:
    assert ProviderBrowser(run).ask(prompt=prompt)[:2] == (303, {"kept": "1", "error": error, "state": "s & t"})


@pytest.mark.parametrize("cookie", ["lockstep_local_1=x", "; ;=", 'lockstep_local_1="', "\x7f=\x7f"])
def test_an_unreadable_cookie_is_no_session(run: LocalRun, cookie: str) -> None:
    assert ProviderBrowser(run, cookie).ask(prompt="none")[1]["error"] == "login_required"


def test_the_cookie_is_for_the_provider_only_and_no_script_reads_it(run: LocalRun) -> None:
    page = ProviderBrowser(run)
    page.sign_in()
    name, *attributes = page.set_cookies[0].split("; ")
    assert name.startswith(f"lockstep_local_{run.url.rpartition(':')[2]}=")
    assert attributes == ["Path=/dev", "HttpOnly", "SameSite=Lax"]


def test_a_member_whose_account_was_deleted_is_asked_again(run: LocalRun) -> None:
    page = ProviderBrowser(run)
    token = page.sign_in()["access_token"]
    assert run.call("DELETE", "/v1/me", token)[0] == 204
    assert page.ask(prompt="none")[1]["error"] == "login_required"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_sign_out_ends_the_session_and_its_refresh_tokens(run: LocalRun, method: str) -> None:
    page, other = ProviderBrowser(run), ProviderBrowser(run)
    tokens, others = page.sign_in(), other.sign_in()
    signed_in = page.cookie
    fields = {"post_logout_redirect_uri": f"{run.url}/?a=1", "state": "s", "client_id": "lockstep"}
    query = f"?{urlencode(fields)}" if method == "GET" else ""
    status, location, _ = page.send(method, f"/dev/sign-out{query}", fields if method == "POST" else None)
    assert (status, location) == (303, f"{run.url}/?a=1&state=s")
    assert page.set_cookies[-1].endswith("; Max-Age=0")
    for cookie in (page.cookie, signed_in):
        assert ProviderBrowser(run, cookie).ask(prompt="none")[1]["error"] == "login_required"
    assert renew(run, tokens["refresh_token"]) == REFUSED
    # Another browser stays signed in.
    assert renew(run, others["refresh_token"])[0] == 200


def test_a_sign_out_without_an_address_gets_a_page(run: LocalRun) -> None:
    status, location, body = ProviderBrowser(run).send("GET", "/dev/sign-out")
    assert (status, location, "You are signed out" in body) == (200, "", True)


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example/", "/", "http://[", "javascript:alert(1)"]
)
def test_a_sign_out_redirects_to_no_other_origin(run: LocalRun, address: str) -> None:
    page = ProviderBrowser(run)
    page.sign_in()
    status, location, body = page.send("GET", f"/dev/sign-out?{urlencode({'post_logout_redirect_uri': address})}")
    assert (status, location, json.loads(body)["field"]) == (422, "", "post_logout_redirect_uri")
    assert "code" in page.ask(prompt="none")[1]
