"""Tests of the verification of tokens and of the issuer's key set."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.client import BadStatusLine, IncompleteRead
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Barrier, Event, Thread
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from chalicelib.domain.model.errors import Busy, Unauthenticated
from chalicelib.handlers.http.tokens import (
    COOL_DOWN_SECONDS,
    FIRST_COOL_DOWN_SECONDS,
    KEPT_SECONDS,
    LARGEST_KEY_SET,
    KeySet,
    TokenVerifier,
    fetch_key_set,
)
from chalicelib.services.members.profiles import Claims

ISSUER, AUDIENCE = "https://issuer.example/", "lockstep"
ISSUED_AT = datetime.now(UTC).replace(microsecond=0)
ELLIPTIC = ec.generate_private_key(ec.SECP256R1())
OTHER = ec.generate_private_key(ec.SECP256R1())
RSA = rsa.generate_private_key(65537, 2048)


def published(key: Any, key_id: str | None) -> dict[str, Any]:
    """Return a public key in the form in which an issuer publishes it."""
    algorithm = jwt.algorithms.RSAAlgorithm if key is RSA else jwt.algorithms.ECAlgorithm
    named = {"kid": key_id} if key_id else {}
    return {**algorithm.to_jwk(key.public_key(), as_dict=True), **named, "alg": "RS256" if key is RSA else "ES256"}


class StubIssuer:
    """An issuer's key set that counts its fetches and can fail."""

    def __init__(self, *keys: dict[str, Any]) -> None:
        self.keys = list(keys)
        self.fetches = 0
        self.error: Exception | None = None

    def __call__(self) -> dict[str, Any]:
        self.fetches += 1
        if self.error:
            raise self.error
        return {"keys": self.keys}


def token(key: Any = ELLIPTIC, key_id: str | None = "one", algorithm: str = "ES256", **claims: Any) -> str:
    usual = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "iat": ISSUED_AT, "exp": ISSUED_AT + timedelta(hours=1)}
    chosen = {name: value for name, value in {**usual, **claims}.items() if value is not None}
    return jwt.encode(chosen, key, algorithm=algorithm, headers={"kid": key_id} if key_id else None)


def verifier(*keys: dict[str, Any]) -> TokenVerifier:
    return TokenVerifier(ISSUER, AUDIENCE, KeySet(StubIssuer(*keys), clock=lambda: 0), clock=lambda: ISSUED_AT)


USUAL = verifier(published(ELLIPTIC, "one"), published(RSA, "two"))


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
@pytest.mark.parametrize(("key", "key_id", "algorithm"), [(ELLIPTIC, "one", "ES256"), (RSA, "two", "RS256")])
def test_a_valid_token_authenticates_its_subject(scheme: str, key: Any, key_id: str, algorithm: str) -> None:
    claims = USUAL.verify(f"{scheme} {token(key, key_id, algorithm)}")
    assert claims == Claims(ISSUER, "ada", "Member", None, "UTC", ISSUED_AT)


def test_r31_the_claims_become_the_profile() -> None:
    made = token(name=" Ada \x00 L. ", picture="https://pictures.example/a", zoneinfo="Europe/Vienna")
    assert USUAL.verify(f"Bearer {made}") == Claims(
        ISSUER, "ada", "Ada L.", "https://pictures.example/a", "Europe/Vienna", ISSUED_AT
    )


@pytest.mark.parametrize(
    "invalid",
    [
        {"name": 7, "picture": 7, "zoneinfo": 7},
        {"name": " ", "picture": "http://plain.example", "zoneinfo": "Mars/Olympus"},
        {"name": "\x00", "picture": "https://" + "x" * 3000, "zoneinfo": "../../etc/passwd"},
        {"name": [], "picture": {}, "zoneinfo": []},
    ],
)
def test_r31_invalid_optional_claims_are_left_out(invalid: dict[str, Any]) -> None:
    assert USUAL.verify(f"Bearer {token(**invalid)}") == Claims(ISSUER, "ada", "Member", None, "UTC", ISSUED_AT)


def test_r31_a_long_name_is_cut() -> None:
    assert USUAL.verify(f"Bearer {token(name='x' * 500)}").name == "x" * 80


LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer x.y.z",
        "Basic YWRhOmFkYQ==",
        f"Token {token()}",
        f"Bearer {token(OTHER)}",
        f"Bearer {token(key_id='three')}",
        f"Bearer {token(iss='https://evil.example/')}",
        f"Bearer {token(aud='other')}",
        f"Bearer {token(exp=LONG_AGO)}",
        f"Bearer {token(exp=None)}",
        f"Bearer {token(iat=None)}",
        f"Bearer {token(sub=None)}",
        f"Bearer {token(sub='')}",
        f"Bearer {token(iat=datetime.now(UTC) + timedelta(hours=1))}",
        f"Bearer {token('a secret of at least 32 characters', algorithm='HS256')}",
        f"Bearer {token(RSA, 'one', 'RS256')}",
        f"Bearer {jwt.encode({'sub': 'ada'}, None, algorithm='none')}",
    ],
)
def test_every_invalid_token_is_refused_with_the_same_detail(authorization: str | None) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        USUAL.verify(authorization)
    assert refusal.value.detail == Unauthenticated.default_detail


COGNITO = {"aud": None, "token_use": "access", "client_id": AUDIENCE}


def test_the_client_of_an_access_token_without_an_audience_counts_as_its_audience() -> None:
    assert USUAL.verify(f"Bearer {token(**COGNITO)}").subject == "ada"
    assert USUAL.verify(f"Bearer {token(aud=[AUDIENCE, 'other'])}").subject == "ada"


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "other"},
        {"client_id": None},
        {"client_id": [AUDIENCE]},
        {"token_use": "id"},
        {"token_use": None},
        {"aud": "other"},
        {"aud": []},
        {"aud": ""},
        {"aud": {"aud": AUDIENCE}},
    ],
)
def test_a_token_for_another_audience_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        USUAL.verify(f"Bearer {token(**{**COGNITO, **changed})}")


def test_clocks_may_differ_by_at_most_half_a_minute() -> None:
    now = datetime.now(UTC)
    for seconds, is_valid in ((20, True), (40, False)):
        away = timedelta(seconds=seconds)
        for claims in ({"exp": now - away}, {"nbf": now + away}, {"iat": now + away}):
            made = f"Bearer {token(**claims)}"
            if is_valid:
                assert USUAL.verify(made).subject == "ada"
            else:
                with pytest.raises(Unauthenticated):
                    USUAL.verify(made)


def test_a_set_of_one_key_needs_no_key_id() -> None:
    assert verifier(published(ELLIPTIC, None)).verify(f"Bearer {token(key_id=None)}").subject == "ada"
    with pytest.raises(Unauthenticated):
        USUAL.verify(f"Bearer {token(key_id=None)}")


def test_the_keys_are_fetched_once_and_again_when_they_expire() -> None:
    now = [0.0]
    issuer = StubIssuer(published(ELLIPTIC, "one"))
    keys = KeySet(issuer, clock=lambda: now[0])
    for _ in range(3):
        assert keys.key("one") is not None
    assert issuer.fetches == 1
    now[0] = KEPT_SECONDS
    keys.key("one")
    assert issuer.fetches == 2


def test_unknown_key_ids_cause_at_most_one_fetch_per_cool_down() -> None:
    now = [0.0]
    issuer = StubIssuer(published(ELLIPTIC, "one"))
    keys = KeySet(issuer, clock=lambda: now[0])
    keys.key("one")
    issuer.keys.append(published(OTHER, "new"))
    now[0] = COOL_DOWN_SECONDS - 1
    assert [keys.key("new"), keys.key("made up")] == [None, None]
    assert issuer.fetches == 1
    now[0] = COOL_DOWN_SECONDS
    assert keys.key("new") is not None
    for _ in range(50):
        assert keys.key("made up") is None
    assert issuer.fetches == 2


FAILURES = {
    "nothing": OSError("no route to host"),
    "half": IncompleteRead(b"{"),
    "no header": BadStatusLine("?"),
    "a word": TypeError("a number has no keys"),
    "depth": RecursionError(),
}


@pytest.mark.parametrize("answer", [*FAILURES, "no keys", "nonsense"])
def test_the_last_keys_are_kept_when_a_fetch_fails(answer: str) -> None:
    now = [0.0]
    issuer = StubIssuer(published(ELLIPTIC, "one"))
    keys = KeySet(issuer, clock=lambda: now[0])
    keys.key("one")
    issuer.error = FAILURES.get(answer)
    issuer.keys = [] if answer == "no keys" else [{"kty": "nonsense"}]
    now[0] = KEPT_SECONDS
    assert keys.key("one") is not None


def test_a_failed_fetch_is_logged_by_its_type_without_its_message(caplog: pytest.LogCaptureFixture) -> None:
    issuer = StubIssuer()
    issuer.error = OSError("https://ada:secret@issuer.example")
    with pytest.raises(Busy):
        KeySet(issuer, clock=lambda: 0).key("one")
    assert caplog.messages == ["The key set could not be fetched; the last good one is kept: OSError"]


@contextmanager
def served(answer: bytes, *, drip: bytes = b"") -> Iterator[str]:
    """Serve an answer, then `drip` again and again without an end, and return the address of the server."""
    over = Event()

    class KeySetConnection(BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(1 << 16)
            # A client that has read enough closes the connection.
            with suppress(ConnectionError):
                self.request.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + answer)
                while drip and not over.wait(0.01):
                    self.request.sendall(drip)

    with ThreadingTCPServer(("127.0.0.1", 0), KeySetConnection) as server:
        Thread(target=server.serve_forever, args=(0.01,)).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        over.set()
        server.shutdown()


def test_the_keys_are_fetched_from_their_address() -> None:
    keys = {"keys": [published(ELLIPTIC, "one")]}
    with served(json.dumps(keys).encode()) as url:
        assert fetch_key_set(url) == keys


def test_a_slow_key_set_times_out() -> None:
    with served(b'{"keys": [', drip=b" ") as url, pytest.raises(TimeoutError):
        fetch_key_set(url, seconds=0.2)


def test_an_endless_key_set_is_read_up_to_the_largest_size() -> None:
    with served(b" " * LARGEST_KEY_SET, drip=b" ") as url, pytest.raises(ValueError, match="Expecting value"):
        fetch_key_set(url, seconds=60)


def test_other_threads_wait_for_the_fetch_of_the_keys() -> None:
    together, found = Barrier(8), []
    keys = KeySet(StubIssuer(published(ELLIPTIC, "one")), clock=lambda: 0)

    def ask() -> None:
        together.wait()
        found.append(keys.key("one") is not None)

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 8


def test_the_service_is_busy_until_the_first_keys_and_fetches_again_soon() -> None:
    now = [0.0]
    issuer = StubIssuer(published(ELLIPTIC, "one"))
    issuer.error = OSError("no route to host")
    tokens = TokenVerifier(ISSUER, AUDIENCE, KeySet(issuer, clock=lambda: now[0]), clock=lambda: ISSUED_AT)
    for _ in range(3):
        with pytest.raises(Busy):
            tokens.verify(f"Bearer {token()}")
    assert issuer.fetches == 1
    issuer.error = None
    now[0] = FIRST_COOL_DOWN_SECONDS
    assert tokens.verify(f"Bearer {token()}").subject == "ada"
