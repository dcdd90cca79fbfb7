"""The OpenID provider of the local run, with the demo members to choose from.

It has authorization codes with PKCE, refresh tokens, a session for each browser, and sign-out.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from infra.local.http.responses import HttpResponse, json_response, problem
from infra.local.identity.authorization_codes import AuthorizationCodes
from infra.local.identity.issuer import AUDIENCE, LocalIssuer
from infra.local.identity.members import LONGEST_NAME, Members, is_name
from infra.local.identity.provider_sessions import ProviderSessions
from infra.local.identity.refresh_tokens import Family, RefreshTokens
from infra.local.identity.sign_in_page import sign_in_page, signed_out_page

AUTHORIZE_PATH, TOKEN_PATH = "/dev/authorize", "/dev/token"
END_SESSION_PATH, REVOCATION_PATH = "/dev/sign-out", "/dev/revoke"
# An ID token has the client as its audience, which is the audience of the API.
CLIENT_ID = AUDIENCE
# The ends of the paths of the service's own pages to which a sign-in returns.
RETURN_PATHS = ("/sign-in", "/signed-in")
# The prompts with which a client asks for the sign-in page also where the browser has a session.
ASKING = {"login", "select_account"}

Fields = Mapping[str, str]


class OpenIdProvider:
    """The provider. `origins` are those to which it may return a browser, besides its own.

    `lifetime` is that of the tokens that it issues.
    """

    def __init__(
        self,
        *,
        base_url: str,
        origins: tuple[str, ...],
        lifetime: timedelta,
        issuer: LocalIssuer,
        members: Members,
        sessions: ProviderSessions,
        refresh_tokens: RefreshTokens,
        demo: Callable[[], dict[str, str]],
    ) -> None:
        self._base_url = base_url
        self._origins = (base_url, *origins)
        self._lifetime = lifetime
        self._issuer = issuer
        self._members = members
        self._sessions = sessions
        self._refresh_tokens = refresh_tokens
        self._demo = demo
        self._codes = AuthorizationCodes()

    def configuration(self, key_set_path: str) -> HttpResponse:
        """Return the discovery document."""
        endpoints = {
            "authorization_endpoint": self._base_url + AUTHORIZE_PATH,
            "token_endpoint": self._base_url + TOKEN_PATH,
            "end_session_endpoint": self._base_url + END_SESSION_PATH,
            "revocation_endpoint": self._base_url + REVOCATION_PATH,
            "jwks_uri": self._base_url + key_set_path,
        }
        return json_response(self._issuer.configuration(endpoints))

    def authorize(self, fields: Fields, cookies: str) -> HttpResponse:
        """Return the sign-in page, or the redirect with a code if the browser has a session.

        With the prompt `none` a browser without a session gets the error `login_required` instead of the page.
        """
        if refusal := self._refusal(fields):
            return refusal
        prompts = set(fields.get("prompt", "").split())
        if "none" in prompts and len(prompts) > 1:
            return _redirect(fields, error="invalid_request")
        session = None if prompts & ASKING else self._sessions.find(self._sessions.of_browser(cookies))
        if session and self._members.sign_in(session.user_id, signed_in_at=session.signed_in_at):
            return _redirect(fields, code=self._codes.issue(session.user_id, session.session, fields))
        if "none" in prompts:
            return _redirect(fields, error="login_required")
        return sign_in_page(AUTHORIZE_PATH, self._demo(), fields)

    def answer(self, fields: Fields, _cookies: str) -> HttpResponse:
        """Return the redirect with a code for the chosen member or a new one, or with `access_denied`.

        The browser then has a session of that member.
        """
        request = {name: value for name, value in fields.items() if name not in ("name", "userId")}
        if refusal := self._refusal(request):
            return refusal
        if "userId" in fields:
            user_id = fields["userId"]
            if self._members.name_of(user_id) is None:
                return problem("not_found", "No member with this userId signed in here.")
        elif "name" in fields:
            name = fields["name"].strip()
            if not is_name(name):
                return problem("invalid_request", f"name must be a text of 1 to {LONGEST_NAME} characters.", "name")
            user_id = self._members.sign_up(name).user_id
        else:
            return _redirect(request, error="access_denied")
        session, cookie = self._sessions.begin(user_id)
        response = _redirect(request, code=self._codes.issue(user_id, session, request))
        return HttpResponse(response.status, {**response.headers, "Set-Cookie": cookie})

    def exchange(self, fields: Fields, _cookies: str) -> HttpResponse:
        """Return the tokens for a code or a refresh token, with the refusals of RFC 6749."""
        grant_type = fields.get("grant_type")
        if grant_type == "authorization_code":
            code = self._codes.take(fields)
            if code:
                family = Family(code.user_id, code.session, code.client_id)
                return self._tokens(family, self._refresh_tokens.begin(family), code.nonce)
        elif grant_type == "refresh_token":
            rotated = self._refresh_tokens.rotate(fields.get("refresh_token", ""), fields.get("client_id", ""))
            if rotated:
                return self._tokens(*rotated)
        else:
            return json_response({"error": "unsupported_grant_type"}, 400)
        return json_response({"error": "invalid_grant"}, 400)

    def revoke(self, fields: Fields, _cookies: str) -> HttpResponse:
        """Revoke a refresh token, with those that replaced it (RFC 7009)."""
        self._refresh_tokens.revoke(fields.get("token", ""))
        return json_response({})

    def end_session(self, fields: Fields, cookies: str) -> HttpResponse:
        """End the browser's session, and return the redirect to the client or a page without one."""
        back = fields.get("post_logout_redirect_uri")
        if back is not None and not self._is_permitted(back):
            return self._wrong_address("post_logout_redirect_uri")
        removal = self._sessions.end(self._sessions.of_browser(cookies))
        response = signed_out_page() if back is None else _redirect_to(back, fields)
        return HttpResponse(response.status, {**response.headers, "Set-Cookie": removal}, response.body)

    def _tokens(self, family: Family, refresh_token: str, nonce: str | None = None) -> HttpResponse:
        # The end of the session is the end of its refresh tokens.
        session = self._sessions.find(family.session)
        signed_in = session and self._members.sign_in(family.user_id, self._lifetime, nonce, session.signed_in_at)
        if not signed_in:
            return json_response({"error": "invalid_grant"}, 400)
        # One token for both uses, since client and API have the same audience here.
        tokens = {"access_token": signed_in.token, "id_token": signed_in.token, "refresh_token": refresh_token}
        seconds = int(self._lifetime.total_seconds())
        return json_response({"token_type": "Bearer", "expires_in": seconds, **tokens})

    def _refusal(self, request: Fields) -> HttpResponse | None:
        """Return the refusal of an authorization request, None for a valid one.

        A request for an unknown client or address is not redirected (RFC 6749, section 4.1.2.1).
        """
        if request.get("client_id") != CLIENT_ID:
            return problem("invalid_request", f"The only client is {CLIENT_ID}.", "client_id")
        back = request.get("redirect_uri", "")
        if not self._is_permitted(back):
            return self._wrong_address("redirect_uri")
        # The clients of other origins choose their paths. A code never reaches any other page of the service.
        if back.startswith(self._base_url) and not urlsplit(back).path.endswith(RETURN_PATHS):
            return problem("invalid_request", f"Its path must end with {' or '.join(RETURN_PATHS)}.", "redirect_uri")
        if request.get("response_type") != "code":
            return _redirect(request, error="unsupported_response_type")
        if request.get("code_challenge_method") != "S256" or not request.get("code_challenge"):
            return _redirect(request, error="invalid_request")
        return None

    def _is_permitted(self, text: str) -> bool:
        try:
            address = urlsplit(text)
        except ValueError:
            return False
        return f"{address.scheme}://{address.netloc}" in self._origins and not address.fragment

    def _wrong_address(self, field: str) -> HttpResponse:
        return problem("invalid_request", f"It must be at one of {', '.join(self._origins)}.", field)


def _redirect(request: Fields, **answer: str) -> HttpResponse:
    """Return the redirect to the client with an answer and the `state` of its request."""
    return _redirect_to(request["redirect_uri"], request, **answer)


def _redirect_to(text: str, request: Fields, **answer: str) -> HttpResponse:
    address = urlsplit(text)
    state = {"state": request["state"]} if "state" in request else {}
    query = urlencode([*parse_qsl(address.query), *answer.items(), *state.items()])
    location = urlunsplit(address._replace(query=query))
    return HttpResponse(303, {"Location": location, "Cache-Control": "no-store"})
