"""The keys of an issuer, from its JSON Web Key Set (RFC 7517)."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from http.client import HTTPException
from threading import Lock, Thread
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from msgspec import Struct, field

from chalicelib.domain.model.errors import Busy
from chalicelib.version import VERSION

log = logging.getLogger(__name__)

FETCH_SECONDS = 3
# Firewalls refuse the name of a library's default agent.
HEADERS = {"User-Agent": f"Lockstep/{VERSION}", "Accept": "application/jwk-set+json, application/json"}
LARGEST_KEY_SET = 1 << 20
KEPT_SECONDS = 600
COOL_DOWN_SECONDS = 30
FIRST_COOL_DOWN_SECONDS = 1
MOST_CANDIDATES = 16
LEAST_RSA_BITS = 2048

# The algorithms of each type of key and curve (RFC 7518, RFC 8037). They need no shared secret, and none is deprecated.
_RSA_ALGORITHMS: Sequence[str] = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
_ALGORITHMS_OF_CURVES: Mapping[tuple[str, str], Sequence[str]] = {
    ("EC", "P-256"): ("ES256",),
    ("EC", "P-384"): ("ES384",),
    ("EC", "P-521"): ("ES512",),
    ("OKP", "Ed25519"): ("EdDSA",),
    ("OKP", "Ed448"): ("EdDSA",),
}
# A key that was published with one of these is no secret any more, and a symmetric key never was.
_SECRET_PARTS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


def fetch_key_set(url: str, seconds: float = FETCH_SECONDS) -> Any:
    """Fetch an issuer's current JSON Web Key Set. Raises TimeoutError after `seconds`, and OSError."""
    fetched: Future[bytes] = Future()

    def fetch() -> None:
        try:
            with urlopen(Request(url, headers=HEADERS), timeout=seconds) as answer:  # noqa: S310 - the URL is a setting
                fetched.set_result(answer.read(LARGEST_KEY_SET))
        except Exception as error:  # noqa: BLE001 - raised again by `fetched.result`
            if isinstance(error, HTTPError):
                error.close()
            fetched.set_exception(error)

    # The timeout of `urlopen` limits each read, and a slow server may need many. The wait for the thread limits all.
    Thread(target=fetch, daemon=True).start()
    return json.loads(fetched.result(seconds))


class VerificationKey(Struct, frozen=True):
    """A public key that may verify signatures of these algorithms. `key_id` is None for a key without an id."""

    key_id: str | None
    algorithms: Sequence[str]
    public_key: Any


class KeySet(Struct):
    """The keys of an issuer, cached.

    They are fetched with the first token, when they are older than `KEPT_SECONDS`, and for a token that no key
    verifies. A cool-down limits the fetches, so that invented tokens do not load the issuer. A failed fetch keeps the
    last set. `issuer` is its name in the log, and `clock` returns monotonic seconds.
    """

    issuer: str
    fetch: Callable[[], Any]
    clock: Callable[[], float]
    _keys: Sequence[VerificationKey] = ()
    _tried_at: float | None = None
    _lock: Lock = field(default_factory=Lock)

    def versions(self) -> Iterator[Sequence[VerificationKey]]:
        """Yield the cached keys, and then the newer ones if there are any.

        Raises Busy until the first successful fetch, because no token can be verified.
        """
        # Other threads wait for a fetch that is in progress.
        with self._lock:
            self._refresh_after(KEPT_SECONDS if self._keys else FIRST_COOL_DOWN_SECONDS)
            cached = self._keys
        if not cached:
            raise Busy("The keys of the sign-in service are not available. Try again in a moment.")
        yield cached
        with self._lock:
            # Another thread may have fetched newer keys.
            if self._keys is cached:
                self._refresh_after(COOL_DOWN_SECONDS)
            newer = self._keys
        if newer is not cached:
            yield newer

    def _refresh_after(self, seconds: float) -> None:
        now = self.clock()
        if self._tried_at is not None and now - self._tried_at < seconds:
            return
        self._tried_at = now
        try:
            self._keys = usable_keys(self.fetch())
        except (OSError, HTTPException, ValueError, RecursionError) as error:
            log.warning(
                "The key set of %s could not be fetched; the last good one is kept: %s", self.issuer, _reason(error)
            )


def _reason(error: Exception) -> str:
    """Return why a fetch failed, with the HTTP status. The message may repeat input from outside and is left out."""
    kind = type(error).__name__
    if isinstance(error, HTTPError):
        return f"{kind} {error.code}"
    # Such as the refusal of a connection, an unknown host or an invalid certificate.
    return f"{kind} {type(error.reason).__name__}" if isinstance(error, URLError) else kind


def candidates(keys: Sequence[VerificationKey], key_id: str | None, algorithm: str) -> list[VerificationKey]:
    """Return the keys that may have signed a token, the one of its key id first.

    A set may hold several keys of one id (RFC 7517, 4.5). A key without an id may have signed every token, and every
    key a token without an id.
    """
    of_the_id = [key for key in keys if key_id is None or key.key_id in (key_id, None)]
    fitting = [key for key in of_the_id if algorithm in key.algorithms]
    return sorted(fitting, key=lambda key: key.key_id != key_id)[:MOST_CANDIDATES]


def usable_keys(key_set: Any) -> list[VerificationKey]:
    """Return the keys of a set that may verify tokens. Raises ValueError if there are none."""
    listed = key_set.get("keys") if isinstance(key_set, dict) else None
    usable = [key for key in map(_verification_key, listed) if key] if isinstance(listed, list) else []
    if not usable:
        raise ValueError("The key set has no usable key.")
    return usable


def _verification_key(jwk: Any) -> VerificationKey | None:
    """Return a key of a set, or None for one that may verify no token. One bad key spoils no other."""
    # Imported with the first token: most functions never see one.
    import jwt
    from cryptography.exceptions import UnsupportedAlgorithm

    algorithms = _algorithms_of(jwk) if isinstance(jwk, dict) and _may_verify(jwk) else ()
    if not algorithms:
        return None
    try:
        public_key = jwt.PyJWK(jwk, algorithms[0]).key
    except (jwt.PyJWTError, UnsupportedAlgorithm, LookupError, TypeError, ValueError, AttributeError, OverflowError):
        return None
    if jwk["kty"] == "RSA" and public_key.key_size < LEAST_RSA_BITS:
        return None
    return VerificationKey(jwk.get("kid"), algorithms, public_key)


def _may_verify(jwk: dict[str, Any]) -> bool:
    """Return whether a key is a public one for signatures (RFC 7517, 4.2 and 4.3). A null member counts as absent."""
    operations = jwk.get("key_ops")
    return (
        not _SECRET_PARTS & jwk.keys()
        and isinstance(jwk.get("kid"), str | None)
        and jwk.get("use") in (None, "sig")
        and (operations is None or (isinstance(operations, list) and "verify" in operations))
    )


def _algorithms_of(jwk: dict[str, Any]) -> Sequence[str]:
    """Return the algorithms of a key's type and curve, and of these only its own if it names one."""
    kind, curve, own = (jwk.get(name) for name in ("kty", "crv", "alg"))
    if kind == "RSA":
        found = _RSA_ALGORITHMS
    elif isinstance(kind, str) and isinstance(curve, str):
        found = _ALGORITHMS_OF_CURVES.get((kind, curve), ())
    else:
        found = ()
    return [algorithm for algorithm in found if own in (None, algorithm)]
