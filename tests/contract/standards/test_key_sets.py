"""Key sets and tokens as real providers issue them (RFC 7517, RFC 8725)."""

import warnings
from collections import Counter
from collections.abc import Iterator
from itertools import product
from random import Random
from typing import Any

import jwt
import pytest

from chalicelib.version import VERSION
from tests.contract.client import Runner
from tests.contract.shapes import check_problem
from tests.contract.standards.key_set_server import AUDIENCE, KeySetServer, issuer, signed
from tests.handlers.issuer_keys import (
    EDWARDS,
    ELLIPTIC,
    LARGE_ELLIPTIC,
    OTHER_ELLIPTIC,
    OTHER_RSA,
    RSA,
    SHORT_RSA,
    private,
    published,
)

pytestmark = pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")

# The signers of each drawn algorithm. The first of the tokens' six algorithms were always accepted.
SIGNERS: dict[str, list[Any]] = {
    "RS256": [RSA, OTHER_RSA, SHORT_RSA],
    "RS512": [RSA, OTHER_RSA],
    "PS256": [RSA, OTHER_RSA],
    "ES256": [ELLIPTIC, OTHER_ELLIPTIC],
    "ES384": [LARGE_ELLIPTIC],
    "EdDSA": [EDWARDS],
}
KEYS = [RSA, OTHER_RSA, SHORT_RSA, ELLIPTIC, OTHER_ELLIPTIC, LARGE_ELLIPTIC, EDWARDS]
KEY_IDS = ("a", "b", ...)
JUNK: list[Any] = [
    None,
    "key",
    {},
    {"kty": "oct", "k": "c2VjcmV0", "kid": "a", "alg": "HS256"},
    {"kty": "AKP", "kid": "a", "alg": "ML-DSA-44", "pub": "AAAA"},
    {"kty": "RSA", "kid": "a", "n": "AA", "e": "AQAB"},
    {"kty": "EC", "kid": "b", "crv": "P-256", "x": "AA", "y": "AA"},
    {"kty": "EC", "kid": "b", "crv": "secp256k1", "x": "AA", "y": "AA"},
]
# The faults, each in a set of its own.
FAULTS: dict[str, list[Any]] = {
    "rsa-first": [published(RSA, "a", alg="RS256"), published(ELLIPTIC, "a", alg="ES256")],
    "ec-first": [published(ELLIPTIC, "a", alg="ES256"), published(RSA, "a", alg="RS256")],
    "rs256-first": [published(RSA, "a", alg="RS256"), published(RSA, "a", alg="RS512")],
    "rs512-first": [published(RSA, "a", alg="RS512"), published(RSA, "a", alg="RS256")],
    "encrypting": [published(RSA, "a", use="enc"), published(ELLIPTIC, "b")],
    "short": [published(SHORT_RSA, "a"), published(ELLIPTIC, "b")],
    "usual": [published(RSA, "a", alg="RS256", use="sig")],
}


def drawn_set(random: Random) -> list[Any]:
    """Return a key set drawn from the freedom of RFC 7517.

    It has keys of several types, twins, keys without an id, for other uses and with private parts.
    """
    keys = [drawn_key(random, random.choice(KEYS)) for _ in range(random.randint(3, 8))]
    keys += random.sample(JUNK, random.randint(0, 3))
    random.shuffle(keys)
    return keys


def drawn_key(random: Random, key: Any) -> dict[str, Any]:
    """Return a published key with drawn members."""
    own = next(algorithm for algorithm, signers in SIGNERS.items() if key in signers)
    members = {
        "kid": random.choice(KEY_IDS),
        "alg": random.choice([..., ..., own, own, "RS512", "PS256", "RSA-OAEP"]),
        "use": random.choice([..., ..., "sig", "sig", "enc"]),
        "key_ops": random.choice([..., ..., ..., ["verify"], ["sign", "verify"], ["encrypt"]]),
        "x5t": random.choice([..., "not a digest"]),
    }
    if random.random() < 0.1:
        return {name: value for name, value in private(key, **members).items() if value is not ...}
    return published(key, **members)


SETS = {f"set-{number}": drawn_set(Random(7517 + number)) for number in range(40)}


@pytest.fixture(scope="module")
def key_sets() -> Iterator[KeySetServer]:
    """The server with all key sets."""
    with KeySetServer({name: {"keys": keys} for name, keys in {**SETS, **FAULTS}.items()}) as server:
        yield server


@pytest.fixture(scope="module")
def accepting(key_sets: KeySetServer, own_engine: str) -> Iterator[Runner]:
    """A runner that accepts the tokens of all issuers beside its own."""
    with Runner(own_engine, log="info", **key_sets.settings()) as runner:
        yield runner
        assert runner.complaints() == []
        assert runner.leaked_secrets() == []


def status(api: Runner, token: str) -> int:
    """Return the status of a request with a token, and check that a refusal is the usual one."""
    response = api.request("GET", "/v1/me", headers={"Authorization": f"Bearer {token}"})
    if response.status == 401:
        check_problem(response, 401, "unauthenticated")
    return response.status


@pytest.mark.sampled(every=4)
@pytest.mark.parametrize(
    ("name", "key", "algorithm"),
    [
        ("rsa-first", RSA, "RS256"),
        ("rsa-first", ELLIPTIC, "ES256"),
        ("ec-first", RSA, "RS256"),
        ("ec-first", ELLIPTIC, "ES256"),
        ("rs256-first", RSA, "RS256"),
        ("rs256-first", RSA, "RS512"),
        ("rs512-first", RSA, "RS256"),
        ("rs512-first", RSA, "RS512"),
    ],
)
def test_keys_of_one_id_are_tried_in_turn(accepting: Runner, name: str, key: Any, algorithm: str) -> None:
    """A provider publishes a key of each type under one id, as RFC 7517, 4.5 allows."""
    assert status(accepting, signed(name, key, algorithm, {"kid": "a"})) == 200


def test_a_key_for_encryption_verifies_no_token(accepting: Runner) -> None:
    """A stolen key for encryption signs a token."""
    assert status(accepting, signed("encrypting", RSA, "RS256", {"kid": "a"})) == 401
    assert status(accepting, signed("encrypting", ELLIPTIC, "ES256", {"kid": "b"})) == 200


def test_a_key_set_behind_a_firewall_is_fetched_by_an_agent_of_our_name(
    accepting: Runner, key_sets: KeySetServer
) -> None:
    """A firewall refuses `Python-urllib`."""
    assert status(accepting, signed("usual", RSA, "RS256", {"kid": "a"})) == 200
    assert key_sets.agents == {f"Lockstep/{VERSION}"}


@pytest.mark.long
def test_the_log_has_the_status_of_a_refused_fetch(key_sets: KeySetServer, own_engine: str) -> None:
    """An operator looks for the reason why no member can sign in."""
    with Runner(own_engine, log="info", **key_sets.settings(["unknown"])) as api:
        assert status(api, signed("unknown", RSA, "RS256", {"kid": "a"})) == 503
        assert "https://unknown.example/ could not be fetched; the last good one is kept: HTTPError 403" in api.output()


@pytest.mark.parametrize(
    ("header", "changed"),
    [
        ({"typ": "logout+jwt"}, {}),
        ({"typ": "dpop+jwt"}, {}),
        ({}, {"iat": -1}),
        ({}, {"iat": 2**40}),
        ({}, {"iat": "1700000000"}),
        ({}, {"exp": str(2**40)}),
        ({}, {"iss": issuer("short")}),
    ],
)
def test_a_token_for_another_purpose_or_without_valid_instants_is_refused(
    accepting: Runner, header: dict[str, Any], changed: dict[str, Any]
) -> None:
    """A token of the right issuer and key was made for something else, or by a faulty clock."""
    assert status(accepting, signed("usual", RSA, "RS256", {"kid": "a", **header}, **changed)) == 401


@pytest.mark.parametrize("kind", ["JWT", "at+jwt", "application/at+jwt"])
def test_a_token_for_an_api_is_accepted(accepting: Runner, kind: str) -> None:
    assert status(accepting, signed("usual", RSA, "RS256", {"kid": "a", "typ": kind})) == 200


def test_a_key_of_1024_bits_verifies_no_token(accepting: Runner) -> None:
    """Such a key can be factored."""
    assert status(accepting, signed("short", SHORT_RSA, "RS256", {"kid": "a"})) == 401


def may_verify(jwk: Any, signer: Any, algorithm: str, key_id: Any) -> bool:
    """Return whether RFC 7517 permits a key of a set for a token, written from the RFC but for one exception."""
    parts = published(signer)
    if not isinstance(jwk, dict) or any(jwk.get(name) != value for name, value in parts.items()):
        return False
    # The one exception to the reference: every reader of the set could sign with a published private part.
    if "d" in jwk:
        return False
    return (
        (key_id is ... or jwk.get("kid", key_id) == key_id)
        and jwk.get("alg", algorithm) == algorithm
        and jwk.get("use", "sig") == "sig"
        and "verify" in jwk.get("key_ops", ["verify"])
    )


def is_accepted_by_reference(token: str, signer: Any, algorithm: str, name: str) -> bool:
    """Return whether PyJWT accepts a token if it is given the right key by hand."""
    try:
        jwt.decode(
            token,
            signer.public_key(),
            algorithms=[algorithm],
            audience=AUDIENCE,
            issuer=issuer(name),
            options={"enforce_minimum_key_length": True},
        )
    except jwt.PyJWTError:
        return False
    return True


@pytest.mark.long
def test_40_drawn_key_sets_accept_exactly_the_tokens_that_a_reference_accepts(accepting: Runner) -> None:
    """Operators bring the key sets of all kinds of providers.

    One exception: a key that is published with its private part is refused, although PyJWT accepts its tokens.
    """
    found: dict[tuple[str, str, str], bool] = {}
    wanted: dict[tuple[str, str, str], bool] = {}
    accepted: Counter[str] = Counter()
    for (name, keys), (algorithm, signers), key_id in product(SETS.items(), SIGNERS.items(), KEY_IDS):
        for number, signer in enumerate(signers):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                token = signed(name, signer, algorithm, {} if key_id is ... else {"kid": key_id})
            permitted = any(may_verify(jwk, signer, algorithm, key_id) for jwk in keys)
            case = (name, algorithm, f"signer {number}, key id {key_id}")
            wanted[case] = permitted and is_accepted_by_reference(token, signer, algorithm, name)
            found[case] = status(accepting, token) == 200
            accepted[algorithm] += wanted[case]
    assert found == wanted
    # The draw means something: tokens of all algorithms are accepted, and most are refused.
    assert min(accepted[algorithm] for algorithm in SIGNERS) >= 10
    assert sum(accepted.values()) < len(wanted) / 2
