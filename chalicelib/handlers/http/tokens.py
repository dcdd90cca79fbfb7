"""Bearer tokens of the configured OpenID Connect issuer: who calls."""

import json
import logging
import re
import time
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import partial
from http.client import HTTPException
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

from msgspec import Struct, field

from chalicelib.domain.model.errors import Busy, Unauthenticated
from chalicelib.domain.model.member import CLOCKS_DIFFER
from chalicelib.handlers.bootstrap import real_time
from chalicelib.handlers.http import display_text
from chalicelib.handlers.http.requests import is_time_zone
from chalicelib.services.members.profiles import Claims
from chalicelib.settings import Settings

if TYPE_CHECKING:
    # Imported with the first token: most functions never see one, and it takes as long as a fifth of all the rest.
    import jwt

log = logging.getLogger(__name__)

# Never taken from the token: a token does not choose how it is verified.
ALGORITHMS = ("RS256", "ES256")
FETCH_SECONDS = 3
LARGEST_KEY_SET = 1 << 20
KEPT_SECONDS = 600
COOL_DOWN_SECONDS = 30
FIRST_COOL_DOWN_SECONDS = 1
LONGEST_URL = 2000

KeySetSource = Callable[[], dict[str, Any]]


def verifier(settings: Settings) -> "TokenVerifier":
    """What tells callers: tokens of the configured issuer."""
    keys = KeySet(partial(fetch_key_set, settings.jwks_url), clock=time.monotonic)
    return TokenVerifier(settings.issuer, settings.audience, keys, clock=real_time)


def fetch_key_set(url: str, seconds: float = FETCH_SECONDS) -> dict[str, Any]:
    """The issuer's JSON Web Key Set as it is now. Raises TimeoutError where it is not there in time, and OSError."""
    fetched: Future[bytes] = Future()

    def fetch() -> None:
        try:
            with urlopen(url, timeout=seconds) as answer:  # noqa: S310 - the URL is a setting, not input
                fetched.set_result(answer.read(LARGEST_KEY_SET))
        except Exception as error:  # noqa: BLE001 - raised again where it is waited for
            fetched.set_exception(error)

    # What comes drop by drop never times out: the connection's limit holds for each read of it, this one for them all.
    Thread(target=fetch, daemon=True).start()
    key_set: dict[str, Any] = json.loads(fetched.result(seconds))
    return key_set


class KeySet(Struct):
    """The issuer's keys, fetched when first needed, when an unknown one is asked for, and now and then.

    Fetched at most once per cool-down, so that tokens with made-up key ids cost the issuer nothing; when a fetch
    fails the last good set is kept. `clock` gives monotonic seconds.
    """

    fetch: KeySetSource
    clock: Callable[[], float]
    _keys: "dict[str | None, jwt.PyJWK]" = field(default_factory=dict)
    _tried_at: float | None = None
    _lock: Lock = field(default_factory=Lock)

    def key(self, key_id: str | None) -> "jwt.PyJWK | None":
        """The key of that id (a set of one key needs no id), or None where the issuer has none such.

        Raises Busy while no key was ever had: nobody can be told from anybody.
        """
        # Whoever asks while the keys are being fetched waits for them.
        with self._lock:
            since = None if self._tried_at is None else self.clock() - self._tried_at
            unknown = self._find(key_id) is None
            cool_down = COOL_DOWN_SECONDS if self._keys else FIRST_COOL_DOWN_SECONDS
            if since is None or since >= KEPT_SECONDS or (unknown and since >= cool_down):
                self._refresh()
            if not self._keys:
                raise Busy("The keys of the sign-in service can't be had at the moment. Try again in a moment.")
            return self._find(key_id)

    def _find(self, key_id: str | None) -> "jwt.PyJWK | None":
        if key_id is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(key_id)

    def _refresh(self) -> None:
        # With the first token: most functions never see one.
        import jwt

        self._tried_at = self.clock()
        try:
            keys = jwt.PyJWKSet.from_dict(self.fetch()).keys
        except (OSError, HTTPException, ValueError, TypeError, AttributeError, RecursionError, jwt.PyJWTError) as error:
            # Never its message, which may repeat what came from outside.
            log.warning("The key set could not be fetched; the last good one is kept: %s", type(error).__name__)
        else:
            self._keys = {key.key_id: key for key in keys}


class TokenVerifier(Struct, frozen=True):
    """Verifies tokens of one issuer for one audience.

    An access token of Amazon Cognito has no audience; there the client that it was issued to counts as one.
    Expiry is the issuer's business, judged by real time, which `clock` gives: tokens are dated by it (R33).
    """

    issuer: str
    audience: str
    keys: KeySet
    clock: Callable[[], datetime]

    def verify(self, authorization: str | None) -> Claims:
        """The claims of the token in an `Authorization` header. Raises Unauthenticated, always with the same words."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated
        # With the first token: most functions never see one.
        import jwt

        try:
            key = self.keys.key(jwt.get_unverified_header(token.strip()).get("kid"))
            if key is None or key.algorithm_name not in ALGORITHMS:
                raise Unauthenticated
            claims = jwt.decode(
                token.strip(),
                key.key,
                algorithms=[key.algorithm_name],
                issuer=self.issuer,
                leeway=CLOCKS_DIFFER,
                options={"require": ["exp", "iat", "sub"], "verify_aud": False},
            )
            issued_at = datetime.fromtimestamp(float(claims["iat"]), UTC)
        except (jwt.PyJWTError, ValueError, OverflowError, OSError) as error:
            raise Unauthenticated from error
        if not claims["sub"] or self.audience not in _audiences(claims):
            raise Unauthenticated
        return _claims(claims, issued_at)


def _audiences(claims: dict[str, Any]) -> list[Any]:
    """Whom a token is for; whatever else its claims say, one that names an audience is for no other."""
    if "aud" in claims:
        return claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    return [claims.get("client_id")] if claims.get("token_use") == "access" else []


def _claims(claims: dict[str, Any], issued_at: datetime) -> Claims:
    """What a profile is made of, whatever shape the optional claims have."""
    zone = claims.get("zoneinfo")
    photo = claims.get("picture")
    names = (
        claims.get(booking_request) for booking_request in ("name", "given_name", "nickname", "preferred_username")
    )
    name = next(filter(None, (display_text.told(name) for name in names if isinstance(name, str))), "Member")
    return Claims(
        issuer=claims["iss"],
        subject=claims["sub"],
        name=name,
        photo_url=photo if isinstance(photo, str) and is_photo_url(photo) else None,
        time_zone=zone if isinstance(zone, str) and is_time_zone(zone) else "UTC",
        issued_at=issued_at,
    )


def is_photo_url(address: str) -> bool:
    """Whether the text can be shown as a picture's address."""
    return re.match(r"https://[^\s/]", address) is not None and len(address) <= LONGEST_URL and address.isprintable()
