"""Tests of an issuer's key set, its cache and its fetches."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import BadStatusLine, IncompleteRead
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Barrier, Event, Thread
from typing import Any

import pytest

from chalicelib.domain.model.errors import Busy
from chalicelib.handlers.http.identity.key_set import (
    COOL_DOWN_SECONDS,
    KEPT_SECONDS,
    LARGEST_KEY_SET,
    MOST_CANDIDATES,
    KeySet,
    VerificationKey,
    candidates,
    fetch_key_set,
    usable_keys,
)
from chalicelib.version import VERSION
from tests.handlers.issuer_keys import ELLIPTIC, OTHER_ELLIPTIC, RSA, published

ISSUER = "https://issuer.example/"


class StubIssuer:
    """An issuer's key set that counts its fetches and can fail."""

    def __init__(self, *keys: Any) -> None:
        self.keys = list(keys)
        self.fetches = 0
        self.error: Exception | None = None

    def __call__(self) -> Any:
        self.fetches += 1
        if self.error:
            raise self.error
        return {"keys": self.keys}


def ids(keys: KeySet, tokens: int = 1) -> list[list[str | None]]:
    """Return the key ids of every version that a token without a valid signature sees, for each of some tokens."""
    return [[key.key_id for version in keys.versions() for key in version] for _ in range(tokens)]


def test_the_keys_are_fetched_once_and_again_when_they_expire() -> None:
    now = [0.0]
    issuer = StubIssuer(published(ELLIPTIC, "one"))
    keys = KeySet(ISSUER, issuer, clock=lambda: now[0])
    assert ids(keys, tokens=3) == [["one"]] * 3
    assert issuer.fetches == 1
    now[0] = KEPT_SECONDS - 1
    # The first version is enough for a token with a valid signature.
    next(keys.versions())
    assert issuer.fetches == 1
    now[0] = KEPT_SECONDS
    next(keys.versions())
    assert issuer.fetches == 2


def test_invalid_tokens_cause_at_most_one_fetch_per_cool_down() -> None:
    now = [0.0]
    issuer = StubIssuer(published(ELLIPTIC, "one"))
    keys = KeySet(ISSUER, issuer, clock=lambda: now[0])
    ids(keys)
    issuer.keys.append(published(OTHER_ELLIPTIC, "new"))
    now[0] = COOL_DOWN_SECONDS - 1
    assert ids(keys, tokens=2) == [["one"]] * 2
    assert issuer.fetches == 1
    now[0] = COOL_DOWN_SECONDS
    assert ids(keys, tokens=50) == [["one", "one", "new"]] + [["one", "new"]] * 49
    assert issuer.fetches == 2


FAILURES = {
    "nothing": OSError("no route to host"),
    "half": IncompleteRead(b"{"),
    "no header": BadStatusLine("?"),
    "depth": RecursionError(),
}


@pytest.mark.parametrize("answer", [*FAILURES, "no keys", "nonsense", "a word", "a list", "a key for encryption"])
def test_the_last_keys_are_kept_when_a_fetch_fails(answer: str) -> None:
    now, answers = [0.0], [{"keys": [published(ELLIPTIC, "one")]}]

    def fetch() -> Any:
        if answers:
            return answers.pop()
        if answer in FAILURES:
            raise FAILURES[answer]
        unusable: dict[str, Any] = {
            "no keys": {"keys": []},
            "nonsense": {"keys": [{"kty": "nonsense"}, None, 7]},
            "a word": "keys",
            "a list": [published(ELLIPTIC)],
            "a key for encryption": {"keys": [published(RSA, "two", use="enc")]},
        }
        return unusable[answer]

    keys = KeySet(ISSUER, fetch, clock=lambda: now[0])
    assert ids(keys) == [["one"]]
    now[0] = KEPT_SECONDS
    assert ids(keys) == [["one"]]


def test_a_failed_fetch_is_logged_by_its_type_without_its_message(caplog: pytest.LogCaptureFixture) -> None:
    issuer = StubIssuer()
    issuer.error = OSError("https://ada:secret@issuer.example")
    with pytest.raises(Busy):
        ids(KeySet(ISSUER, issuer, clock=lambda: 0))
    assert caplog.messages == [f"The key set of {ISSUER} could not be fetched; the last good one is kept: OSError"]


@contextmanager
def served(
    answer: bytes, *, drip: bytes = b"", status: str = "200 OK", seen: list[bytes] | None = None
) -> Iterator[str]:
    """Serve an answer, then `drip` again and again without an end, and return the address of the server.

    The requests are appended to `seen`.
    """
    over = Event()

    class KeySetConnection(BaseRequestHandler):
        def handle(self) -> None:
            request = self.request.recv(1 << 16)
            if seen is not None:
                seen.append(request)
            # A client that has read enough closes the connection.
            with suppress(ConnectionError):
                self.request.sendall(f"HTTP/1.0 {status}\r\n\r\n".encode() + answer)
                while drip and not over.wait(0.01):
                    self.request.sendall(drip)

    with ThreadingTCPServer(("127.0.0.1", 0), KeySetConnection) as server:
        Thread(target=server.serve_forever, args=(0.01,)).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        over.set()
        server.shutdown()


def test_the_keys_are_fetched_from_their_address_by_an_agent_of_our_name() -> None:
    keys, seen = {"keys": [published(ELLIPTIC, "one")]}, list[bytes]()
    with served(json.dumps(keys).encode(), seen=seen) as url:
        assert fetch_key_set(url) == keys
    assert f"\r\nUser-Agent: Lockstep/{VERSION}\r\n".encode() in seen[0]


def test_the_status_of_a_refused_fetch_is_logged_without_its_body(caplog: pytest.LogCaptureFixture) -> None:
    with served(b"a secret", status="403 also secret") as url, pytest.raises(Busy):
        ids(KeySet(ISSUER, lambda: fetch_key_set(url), clock=lambda: 0))
    (logged,) = caplog.messages
    assert logged == f"The key set of {ISSUER} could not be fetched; the last good one is kept: HTTPError 403"


def test_the_cause_of_a_failed_connection_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with served(b"") as url:
        pass
    # The closed server's port refuses connections.
    with pytest.raises(Busy):
        ids(KeySet(ISSUER, lambda: fetch_key_set(url), clock=lambda: 0))
    (logged,) = caplog.messages
    assert logged.endswith(": URLError ConnectionRefusedError")


def test_a_slow_key_set_times_out() -> None:
    with served(b'{"keys": [', drip=b" ") as url, pytest.raises(TimeoutError):
        fetch_key_set(url, seconds=0.2)


def test_an_endless_key_set_is_read_up_to_the_largest_size() -> None:
    with served(b" " * LARGEST_KEY_SET, drip=b" ") as url, pytest.raises(ValueError, match="Expecting value"):
        fetch_key_set(url, seconds=60)


def test_other_threads_wait_for_the_fetch_of_the_keys() -> None:
    together, found = Barrier(8), []
    issuer = StubIssuer(published(ELLIPTIC, "one"))
    keys = KeySet(ISSUER, issuer, clock=lambda: 0)

    def ask() -> None:
        together.wait()
        found.extend(ids(keys))

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (found, issuer.fetches) == ([["one"]] * 8, 1)


def test_one_bad_key_spoils_no_other() -> None:
    bad = [None, 7, "key", [], {}, {"kty": 7}, {"kty": []}, {"kty": "oct", "k": "AAAA"}, {"kty": "RSA"}, {"kty": "EC"}]
    bad += [published(RSA, n=value) for value in (None, 7, "", "AA", "!", [], "é")]
    bad += [published(RSA, e=value) for value in (None, 7, "", "AA", [])]
    bad += [published(ELLIPTIC, crv=value) for value in (None, 7, "P-384", "secp256k1", [], {})]
    bad += [published(ELLIPTIC, x=value) for value in (None, 7, "", "AA", [])]
    (key,) = usable_keys({"keys": [*bad, published(ELLIPTIC, "one", unknown=True), *bad], "unknown": True})
    assert (key.key_id, key.algorithms) == ("one", ["ES256"])


def test_a_null_member_counts_as_absent() -> None:
    (key,) = usable_keys({"keys": [published(ELLIPTIC, kid=None, alg=None, use=None, key_ops=None)]})
    assert (key.key_id, key.algorithms) == (None, ["ES256"])


def test_the_candidates_of_a_token_are_those_of_its_key_id_then_those_without_one() -> None:
    keys = [VerificationKey(key_id, ["ES256"], None) for key_id in (None, "a", "b", "a")]
    keys.append(VerificationKey("a", ["ES384"], None))
    found = [[key.key_id for key in candidates(keys, key_id, "ES256")] for key_id in ("a", "b", "c", None)]
    assert found == [["a", "a", None], ["b", None], [None], [None, "a", "b", "a"]]


def test_the_work_for_a_token_is_bounded() -> None:
    keys = [VerificationKey(None, ["ES256"], None)] * 1000
    assert len(candidates(keys, "a", "ES256")) == MOST_CANDIDATES
