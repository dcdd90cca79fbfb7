"""The OpenID provider of the local run, with authorization codes, PKCE and the demo members to choose from."""

import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from infra.local.clock import real_time
from infra.local.http.responses import HttpResponse, json_response, problem
from infra.local.identity.issuer import AUDIENCE, LIFETIME, LocalIssuer
from infra.local.identity.members import LONGEST_NAME, Members, is_name
from infra.local.identity.sign_in_page import sign_in_page

AUTHORIZE_PATH, TOKEN_PATH = "/dev/authorize", "/dev/token"
# An ID token has the client as its audience, which is the audience of the API.
CLIENT_ID = AUDIENCE
CODE_LIFETIME = timedelta(minutes=1)
MOST_CODES = 1000

Fields = Mapping[str, str]


@dataclass(frozen=True)
class AuthorizationCode:
    """A code with the authorization request that it answers and the member who signed in."""

    user_id: str
    redirect_uri: str
    challenge: str
    nonce: str | None
    expires_at: datetime


class OpenIdProvider:
    """The provider. Each code is exchanged at most once.

    `origins` are those to which a sign-in may return, besides that of the provider itself.
    """

    def __init__(
        self,
        *,
        base_url: str,
        origins: tuple[str, ...],
        issuer: LocalIssuer,
        members: Members,
        demo: Callable[[], dict[str, str]],
    ) -> None:
        self._base_url = base_url
        self._origins = (base_url, *origins)
        self._issuer = issuer
        self._members = members
        self._demo = demo
        self._codes: dict[str, AuthorizationCode] = {}
        self._lock = Lock()

    def configuration(self, key_set_path: str) -> HttpResponse:
        """Return the discovery document."""
        endpoints = {
            "authorization_endpoint": self._base_url + AUTHORIZE_PATH,
            "token_endpoint": self._base_url + TOKEN_PATH,
            "jwks_uri": self._base_url + key_set_path,
        }
        return json_response(self._issuer.configuration(endpoints))

    def show_members(self, fields: Fields) -> HttpResponse:
        """Return the sign-in page of an authorization request, or the refusal of the request."""
        return self._refusal(fields) or sign_in_page(AUTHORIZE_PATH, self._demo(), fields)

    def answer(self, fields: Fields) -> HttpResponse:
        """Return the redirect with a code for the chosen member or a new one, or with `access_denied`."""
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
        return _redirect(request, code=self._code(user_id, request))

    def exchange(self, fields: Fields) -> HttpResponse:
        """Return the tokens for a code, with the refusals of RFC 6749. An attempt uses the code up."""
        if fields.get("grant_type") != "authorization_code":
            return json_response({"error": "unsupported_grant_type"}, 400)
        with self._lock:
            code = self._codes.pop(fields.get("code", ""), None)
        if code is None or not _matches(code, fields):
            return json_response({"error": "invalid_grant"}, 400)
        signed_in = self._members.sign_in(code.user_id, nonce=code.nonce)
        if signed_in is None:
            return json_response({"error": "invalid_grant"}, 400)
        seconds = int(LIFETIME.total_seconds())
        # One token for both uses, since client and API have the same audience here.
        tokens = {"access_token": signed_in.token, "id_token": signed_in.token}
        return json_response({"token_type": "Bearer", "expires_in": seconds, **tokens})

    def _refusal(self, request: Fields) -> HttpResponse | None:
        """Return the refusal of an authorization request, None for a valid one.

        A request for an unknown client or address is not redirected (RFC 6749, section 4.1.2.1).
        """
        if request.get("client_id") != CLIENT_ID:
            return problem("invalid_request", f"The only client is {CLIENT_ID}.", "client_id")
        address = urlsplit(request.get("redirect_uri", ""))
        if f"{address.scheme}://{address.netloc}" not in self._origins or address.fragment:
            return problem("invalid_request", f"It must be at one of {', '.join(self._origins)}.", "redirect_uri")
        if request.get("response_type") != "code":
            return _redirect(request, error="unsupported_response_type")
        if request.get("code_challenge_method") != "S256" or not request.get("code_challenge"):
            return _redirect(request, error="invalid_request")
        return None

    def _code(self, user_id: str, request: Fields) -> str:
        now = real_time()
        code = AuthorizationCode(
            user_id=user_id,
            redirect_uri=request["redirect_uri"],
            challenge=request["code_challenge"],
            nonce=request.get("nonce"),
            expires_at=now + CODE_LIFETIME,
        )
        text = secrets.token_urlsafe(32)
        with self._lock:
            valid = {known: each for known, each in self._codes.items() if now < each.expires_at}
            newest = dict(list(valid.items())[-MOST_CODES + 1 :])
            self._codes = {**newest, text: code}
        return text


def _matches(code: AuthorizationCode, fields: Fields) -> bool:
    """Return True if the sender of a code is the client that asked for it (RFC 7636, section 4.6)."""
    verifier = fields.get("code_verifier", "").encode(errors="replace")
    challenge = urlsafe_b64encode(sha256(verifier).digest()).rstrip(b"=")
    return (
        real_time() < code.expires_at
        and fields.get("client_id") == CLIENT_ID
        and fields.get("redirect_uri") == code.redirect_uri
        and hmac.compare_digest(challenge, code.challenge.encode(errors="replace"))
    )


def _redirect(request: Fields, **answer: str) -> HttpResponse:
    """Return the redirect to the client, with the `state` of its request."""
    address = urlsplit(request["redirect_uri"])
    state = {"state": request["state"]} if "state" in request else {}
    query = urlencode([*parse_qsl(address.query), *answer.items(), *state.items()])
    location = urlunsplit(address._replace(query=query))
    return HttpResponse(303, {"Location": location, "Cache-Control": "no-store"})
