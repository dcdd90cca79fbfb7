"""Tests of the verification of tokens."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import jwt
import pytest

from chalicelib.domain.model.api_key import Scope
from chalicelib.domain.model.errors import Busy, Unauthenticated
from chalicelib.handlers.http.identity.key_set import COOL_DOWN_SECONDS, FIRST_COOL_DOWN_SECONDS, KeySet
from chalicelib.handlers.http.identity.tokens import LARGEST_TOKEN, LATEST_EXPIRY, TokenIssuer, TokenVerifier
from chalicelib.services.members.profiles import Claims
from tests.handlers.http.identity.test_key_set import StubIssuer
from tests.handlers.issuer_keys import EDWARDS, ELLIPTIC, OTHER_ELLIPTIC, RSA, SHORT_RSA, SIGNERS, private, published

ISSUER, AUDIENCE, READER = "https://issuer.example/", "lockstep", "reader"
ISSUED_AT = datetime.now(UTC).replace(microsecond=0)


def token(
    key: Any = ELLIPTIC, key_id: str | None = "one", algorithm: str = "ES256", *, header: Any = None, **claims: Any
) -> str:
    usual = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "iat": ISSUED_AT, "exp": ISSUED_AT + timedelta(hours=1)}
    chosen = {name: value for name, value in {**usual, **claims}.items() if value is not None}
    named = {"kid": key_id} if key_id else {}
    return jwt.encode(chosen, key, algorithm=algorithm, headers={**named, **(header or {})})


def verifier(*keys: Any, issuer: StubIssuer | None = None, clock: Callable[[], float] = lambda: 0) -> TokenVerifier:
    known = TokenIssuer(ISSUER, KeySet(ISSUER, issuer or StubIssuer(*keys), clock))
    audiences, read_audiences = frozenset({AUDIENCE}), frozenset({READER})
    return TokenVerifier({ISSUER: known}, audiences, read_audiences, clock=lambda: ISSUED_AT)


USUAL = verifier(published(ELLIPTIC, "one"), published(RSA, "two"))


def is_valid(tokens: TokenVerifier, made: str) -> bool:
    try:
        return tokens.verify(f"Bearer {made}").claims.subject == "ada"
    except Unauthenticated:
        return False


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
@pytest.mark.parametrize(("key", "key_id", "algorithm"), [(ELLIPTIC, "one", "ES256"), (RSA, "two", "RS256")])
def test_a_valid_token_authenticates_its_subject(scheme: str, key: Any, key_id: str, algorithm: str) -> None:
    verified = USUAL.verify(f"{scheme} {token(key, key_id, algorithm)}")
    assert verified.scopes is None
    assert verified.claims == Claims(ISSUER, "ada", "Member", None, "UTC", ISSUED_AT)


@pytest.mark.parametrize(
    ("expiry", "expires_at"),
    [
        (ISSUED_AT.timestamp() + 600.75, ISSUED_AT + timedelta(seconds=600.75)),
        (10**15, LATEST_EXPIRY),
    ],
    # Ids made of the instants would differ between the processes of a run.
    ids=["soon", "far"],
)
def test_the_expiry_of_a_token_is_an_instant_before_the_year_10000(expiry: float, expires_at: datetime) -> None:
    assert USUAL.verify(f"Bearer {token(exp=expiry)}").expires_at == expires_at


def test_r31_the_claims_become_the_profile() -> None:
    made = token(name=" Ada\x00 L. ", picture="https://pictures.example/a", zoneinfo="Europe/Vienna")
    assert USUAL.verify(f"Bearer {made}").claims == Claims(
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
    assert USUAL.verify(f"Bearer {token(**invalid)}").claims == Claims(ISSUER, "ada", "Member", None, "UTC", ISSUED_AT)


def test_r31_a_long_name_is_cut() -> None:
    assert USUAL.verify(f"Bearer {token(name='x' * 500)}").claims.name == "x" * 80


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
        f"Bearer {token(OTHER_ELLIPTIC)}",
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
    assert USUAL.verify(f"Bearer {token(**COGNITO)}").claims.subject == "ada"
    assert USUAL.verify(f"Bearer {token(aud=[AUDIENCE, 'other'])}").claims.subject == "ada"


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
                assert USUAL.verify(made).claims.subject == "ada"
            else:
                with pytest.raises(Unauthenticated):
                    USUAL.verify(made)


def test_a_token_without_a_key_id_may_be_signed_by_every_key() -> None:
    assert is_valid(verifier(published(ELLIPTIC)), token(key_id=None))
    assert is_valid(USUAL, token(key_id=None))
    assert is_valid(USUAL, token(RSA, None, "RS256"))


@pytest.mark.parametrize("algorithm", SIGNERS)
@pytest.mark.parametrize("named", [True, False])
def test_each_accepted_algorithm_verifies_with_a_key_that_names_it_or_none(algorithm: str, named: bool) -> None:
    key = SIGNERS[algorithm]
    tokens = verifier(published(key, "one", alg=algorithm if named else ...))
    assert is_valid(tokens, token(key, "one", algorithm))
    assert not is_valid(tokens, token(key, "one", algorithm)[:-8] + "AAAAAAAA")


@pytest.mark.parametrize("order", [1, -1])
def test_twins_of_one_key_id_are_tried_in_turn(order: int) -> None:
    keys = [
        published(RSA, "one", alg="RS256"),
        published(RSA, "one", alg="RS512"),
        published(OTHER_ELLIPTIC, "one"),
        published(ELLIPTIC, "one"),
    ]
    tokens = verifier(*keys[::order])
    assert is_valid(tokens, token(RSA, "one", "RS256"))
    assert is_valid(tokens, token(RSA, "one", "RS512"))
    assert is_valid(tokens, token())
    assert not is_valid(tokens, token(RSA, "one", "PS256"))


# Each is the right key, in a form that may not verify a token of ES256 or RS256.
REFUSED_KEYS: dict[str, tuple[Any, dict[str, Any]]] = {
    "for encryption": (ELLIPTIC, published(ELLIPTIC, "one", use="enc")),
    "of an unknown use": (ELLIPTIC, published(ELLIPTIC, "one", use="tls")),
    "for signing only": (ELLIPTIC, published(ELLIPTIC, "one", key_ops=["sign"])),
    "with operations as text": (ELLIPTIC, published(ELLIPTIC, "one", key_ops="verify")),
    "of another algorithm": (ELLIPTIC, published(ELLIPTIC, "one", alg="ES384")),
    "for encryption by its algorithm": (RSA, published(RSA, "one", alg="RSA-OAEP")),
    "with its private part": (ELLIPTIC, private(ELLIPTIC, kid="one")),
    "with all its private parts": (RSA, private(RSA, kid="one", key_ops=["verify"])),
    "of 1024 bits": (SHORT_RSA, published(SHORT_RSA, "one")),
    "with a number for its id": (ELLIPTIC, published(ELLIPTIC, kid=1)),
}


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("kind", REFUSED_KEYS)
def test_a_key_that_may_not_verify_is_ignored_and_spoils_no_other(kind: str) -> None:
    key, jwk = REFUSED_KEYS[kind]
    tokens = verifier(jwk, published(EDWARDS, "one"))
    assert not is_valid(tokens, token(key, "one", "RS256" if jwk["kty"] == "RSA" else "ES256"))
    assert is_valid(tokens, token(EDWARDS, "one", "EdDSA"))


@pytest.mark.parametrize("kind", ["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt", "application/jwt", None])
def test_a_token_for_an_api_has_one_of_two_types_or_none(kind: str | None) -> None:
    # PyJWT leaves an empty type out.
    assert is_valid(USUAL, token(header={"typ": kind or ""}))


@pytest.mark.parametrize("kind", ["logout+jwt", "dpop+jwt", "secevent+jwt", "JOSE", "application/", "jwt ", 7, ["JWT"]])
def test_a_token_of_another_type_is_refused(kind: Any) -> None:
    assert not is_valid(USUAL, token(header={"typ": kind}))


def test_a_critical_extension_is_refused() -> None:
    assert not is_valid(USUAL, token(header={"crit": ["exp"], "exp": 1}))


@pytest.mark.parametrize("claim", ["iat", "exp", "nbf", "auth_time"])
@pytest.mark.parametrize("value", [-1, -1e300, True, "1", "9999999999", [1], {}, float("nan"), float("inf"), "soon"])
def test_an_instant_is_a_number_since_1970(claim: str, value: Any) -> None:
    assert not is_valid(USUAL, token(**{claim: value}))


NAMES = (
    "iss",
    "aud",
    "sub",
    "iat",
    "exp",
    "nbf",
    "auth_time",
    "jti",
    "scope",
    "scp",
    "name",
    "picture",
    "zoneinfo",
    "client_id",
)
HEADERS = ("alg", "kid", "typ", "crit", "b64", "jwk")
VALUES: list[Any] = [None, True, -1, 1.5, 1e400, float("nan"), 10**400, "", "\ud800", "ES256", "none", "x" * 3000]
VALUES += [[], {}, [[]], [None], ["b64"], {"a": 1}, [AUDIENCE, 7, None, {}], ISSUER, "one"]


def test_every_signed_token_is_accepted_or_refused_as_unauthenticated() -> None:
    """A faulty or curious provider signs headers and claims of other types."""
    random, outcomes = Random(7519), set()
    for _ in range(1500):
        now = ISSUED_AT.timestamp()
        header: dict[str, Any] = {"alg": "ES256", "kid": "one"}
        claims: dict[str, Any] = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "iat": now, "exp": now + 3600}
        for _ in range(random.randint(0, 3)):
            part, names = random.choice([(header, HEADERS), (claims, NAMES)])
            part[random.choice(names)] = random.choice(VALUES)
        encoded = (jwt.utils.base64url_encode(json.dumps(part).encode()) for part in (header, claims))
        unsigned = b".".join(encoded)
        signature = jwt.utils.base64url_encode(jwt.get_algorithm_by_name("ES256").sign(unsigned, ELLIPTIC))
        try:
            USUAL.verify(f"Bearer {(unsigned + b'.' + signature).decode()}")
            outcomes.add("accepted")
        except Unauthenticated:
            outcomes.add("refused")
    assert outcomes == {"accepted", "refused"}


def test_r33_the_sign_in_is_dated_by_the_authentication_and_without_one_by_the_issue() -> None:
    """A provider dates a renewed token by its renewal, and the authentication by the sign-in."""
    signed_in_at = ISSUED_AT - timedelta(days=20)
    verified = USUAL.verify(f"Bearer {token(auth_time=signed_in_at.timestamp())}")
    assert verified.claims.signed_in_at == signed_in_at
    assert USUAL.verify(f"Bearer {token()}").claims.signed_in_at == ISSUED_AT


def test_r33_a_sign_in_may_be_as_far_in_the_future_as_the_clocks_differ() -> None:
    allowed = ISSUED_AT.timestamp() + 30
    assert is_valid(USUAL, token(auth_time=allowed))
    assert not is_valid(USUAL, token(auth_time=allowed + 0.5))
    assert not is_valid(USUAL, token(auth_time=10**400))


def test_an_instant_may_have_a_fraction() -> None:
    assert is_valid(USUAL, token(iat=ISSUED_AT.timestamp() + 0.25, nbf=0, exp=9999999999.5))


def test_a_token_of_up_to_16_kib_is_read() -> None:
    made = token()
    largest = token(filler="x" * ((LARGEST_TOKEN - len(made)) * 3 // 4 - 16))
    assert LARGEST_TOKEN - 32 < len(largest) <= LARGEST_TOKEN
    assert is_valid(USUAL, largest)
    larger = token(filler="x" * ((LARGEST_TOKEN - len(made)) * 3 // 4 + 16))
    assert not is_valid(USUAL, larger)


@pytest.mark.parametrize(
    ("claims", "scopes"),
    [
        ({"scope": "openid lockstep:read"}, {Scope.READ}),
        ({"scope": ["lockstep.write", 7, "lockstep/export"]}, {Scope.WRITE, Scope.EXPORT}),
        ({"scp": "lockstep.write", "scope": "openid"}, {Scope.WRITE}),
        ({"scp": ["lockstep/export"], "scope": "lockstep:read"}, {Scope.READ, Scope.EXPORT}),
        ({"aud": READER}, {Scope.READ}),
        ({"aud": [READER, "other"], "scope": "lockstep:write"}, {Scope.READ}),
        ({**COGNITO, "client_id": READER}, {Scope.READ}),
        ({"aud": [READER, AUDIENCE], "scope": "lockstep:write"}, {Scope.WRITE}),
        ({"aud": [READER, AUDIENCE]}, None),
        ({"scope": "openid read lockstep lockstep: lockstep:reader xlockstep:read Lockstep:read"}, None),
        ({"scope": {"lockstep:read": True}, "scp": 7}, None),
    ],
)
def test_r35_the_scopes_of_a_token_are_those_that_it_names_or_its_audience_has(
    claims: dict[str, Any], scopes: set[Scope] | None
) -> None:
    assert USUAL.verify(f"Bearer {token(**claims)}").scopes == scopes


@pytest.mark.parametrize("key_id", ["one", None])
def test_a_token_of_a_new_key_is_accepted_after_the_cool_down(key_id: str | None) -> None:
    now = [0.0]
    issuer = StubIssuer(published(OTHER_ELLIPTIC, key_id))
    tokens = verifier(issuer=issuer, clock=lambda: now[0])
    assert is_valid(tokens, token(OTHER_ELLIPTIC, key_id))
    issuer.keys = [published(ELLIPTIC, key_id)]
    now[0] = COOL_DOWN_SECONDS - 1
    assert not is_valid(tokens, token(key_id=key_id))
    now[0] = COOL_DOWN_SECONDS
    assert is_valid(tokens, token(key_id=key_id))
    for _ in range(50):
        assert not is_valid(tokens, token(OTHER_ELLIPTIC, "made up"))
    assert issuer.fetches == 2


def test_an_expired_token_of_a_known_key_causes_no_fetch() -> None:
    now = [0.0]
    issuer = StubIssuer(published(ELLIPTIC, "one"))
    tokens = verifier(issuer=issuer, clock=lambda: now[0])
    assert is_valid(tokens, token())
    now[0] = COOL_DOWN_SECONDS
    assert not is_valid(tokens, token(exp=LONG_AGO))
    assert issuer.fetches == 1


def test_the_service_is_busy_until_the_first_keys_and_fetches_again_soon() -> None:
    now = [0.0]
    issuer = StubIssuer(published(ELLIPTIC, "one"))
    issuer.error = OSError("no route to host")
    tokens = verifier(issuer=issuer, clock=lambda: now[0])
    for _ in range(3):
        with pytest.raises(Busy):
            tokens.verify(f"Bearer {token()}")
    assert issuer.fetches == 1
    issuer.error = None
    now[0] = FIRST_COOL_DOWN_SECONDS
    assert is_valid(tokens, token())
