"""The verification of bearer tokens of the configured OpenID Connect issuer."""

import json
import logging
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
from chalicelib.domain.model.member import CLOCKS_DIFFER, PLACEHOLDER_NAME
from chalicelib.handlers.bootstrap import real_time
from chalicelib.handlers.http import display_text
from chalicelib.handlers.http.photo_url import is_photo_url
from chalicelib.handlers.http.requests import is_time_zone
from chalicelib.services.members.profiles import Claims
from chalicelib.settings import Settings

if TYPE_CHECKING:
    # Imported at run time with the first token: most functions never see one, and the import is slow.
    import jwt

log = logging.getLogger(__name__)

# A token cannot choose the algorithm of its verification.
ALGORITHMS = ("RS256", "ES256")
FETCH_SECONDS = 3
LARGEST_KEY_SET = 1 << 20
KEPT_SECONDS = 600
COOL_DOWN_SECONDS = 30
FIRST_COOL_DOWN_SECONDS = 1

KeySetSource = Callable[[], dict[str, Any]]


def verifier(settings: Settings) -> "TokenVerifier":
    """Return the verifier of the configured issuer's tokens."""
    keys = KeySet(partial(fetch_key_set, settings.jwks_url), clock=time.monotonic)
    return TokenVerifier(settings.issuer, settings.audience, keys, clock=real_time)


def fetch_key_set(url: str, seconds: float = FETCH_SECONDS) -> dict[str, Any]:
    """Fetch the issuer's current JSON Web Key Set. Raises TimeoutError after `seconds`, and OSError."""
    fetched: Future[bytes] = Future()

    def fetch() -> None:
        try:
            with urlopen(url, timeout=seconds) as answer:  # noqa: S310 - the URL is a setting, not input
                fetched.set_result(answer.read(LARGEST_KEY_SET))
        except Exception as error:  # noqa: BLE001 - raised again by `fetched.result`
            fetched.set_exception(error)

    # The timeout of `urlopen` limits each read, and a slow server may need many. The wait for the thread limits all.
    Thread(target=fetch, daemon=True).start()
    key_set: dict[str, Any] = json.loads(fetched.result(seconds))
    return key_set


class KeySet(Struct):
    """The issuer's keys, cached.

    They are fetched with the first token, when they are older than `KEPT_SECONDS`, and for an unknown key id. A
    cool-down limits the fetches, so that tokens with invented key ids do not load the issuer. A failed fetch keeps the
    last set. `clock` returns monotonic seconds.
    """

    fetch: KeySetSource
    clock: Callable[[], float]
    _keys: "dict[str | None, jwt.PyJWK]" = field(default_factory=dict)
    _tried_at: float | None = None
    _lock: Lock = field(default_factory=Lock)

    def key(self, key_id: str | None) -> "jwt.PyJWK | None":
        """Return the key of that id, None for an unknown id. A set of one key needs no id.

        Raises Busy until the first successful fetch, because no token can be verified.
        """
        # Other threads wait for a fetch that is in progress.
        with self._lock:
            since = None if self._tried_at is None else self.clock() - self._tried_at
            unknown = self._find(key_id) is None
            cool_down = COOL_DOWN_SECONDS if self._keys else FIRST_COOL_DOWN_SECONDS
            if since is None or since >= KEPT_SECONDS or (unknown and since >= cool_down):
                self._refresh()
            if not self._keys:
                raise Busy("The keys of the sign-in service are not available. Try again in a moment.")
            return self._find(key_id)

    def _find(self, key_id: str | None) -> "jwt.PyJWK | None":
        if key_id is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(key_id)

    def _refresh(self) -> None:
        # Imported with the first token: most functions never see one.
        import jwt

        self._tried_at = self.clock()
        try:
            keys = jwt.PyJWKSet.from_dict(self.fetch()).keys
        except (OSError, HTTPException, ValueError, TypeError, AttributeError, RecursionError, jwt.PyJWTError) as error:
            # The message is not logged: it may repeat input from outside.
            log.warning("The key set could not be fetched; the last good one is kept: %s", type(error).__name__)
        else:
            self._keys = {key.key_id: key for key in keys}


class TokenVerifier(Struct, frozen=True):
    """A verifier of the tokens of one issuer for one audience.

    An access token of Amazon Cognito has no audience: its client id counts as one. `clock` returns real time, which
    also dates the deletion of an account (R33).
    """

    issuer: str
    audience: str
    keys: KeySet
    clock: Callable[[], datetime]

    def verify(self, authorization: str | None) -> Claims:
        """Return the claims of the token in an `Authorization` header.

        Raises Unauthenticated with the same detail for every reason, and Busy.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated
        # Imported with the first token: most functions never see one.
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
    """Return the audiences of a token. The client id counts only in an access token without an audience."""
    if "aud" in claims:
        return claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    return [claims.get("client_id")] if claims.get("token_use") == "access" else []


def _claims(claims: dict[str, Any], issued_at: datetime) -> Claims:
    """Return the claims of a new profile. Invalid optional claims and e-mail addresses for names are left out."""
    zone = claims.get("zoneinfo")
    photo = claims.get("picture")
    names = (claims.get(claim) for claim in ("name", "given_name", "nickname", "preferred_username"))
    canonical = (display_text.name_from_issuer(name) for name in names if isinstance(name, str))
    name = next(filter(None, canonical), PLACEHOLDER_NAME)
    return Claims(
        issuer=claims["iss"],
        subject=claims["sub"],
        name=name,
        photo_url=photo if isinstance(photo, str) and is_photo_url(photo) else None,
        time_zone=zone if isinstance(zone, str) and is_time_zone(zone) else "UTC",
        issued_at=issued_at,
    )
