"""The tokens for Jitsi servers, judged as such a server judges them (R41)."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest

from chalicelib.room_settings import Jitsi
from chalicelib.services.rooms.jitsi_token import FEATURES, JitsiGuest, jitsi_address, private_key
from infra.deploy.jitsi_key import primes_of
from tests.harness import at
from tests.services.rooms.keys import key_pair

SLOT = at(1)
MINUTE = timedelta(minutes=1)
SECRET = "s" * 32
APP = "vpaas-magic-cookie-1fc542"
GUEST = JitsiGuest("ada.session", "Ada", SLOT.start - 10 * MINUTE, SLOT.end + 10 * MINUTE)


class JitsiServer:
    """A Jitsi server with tokens, which checks the signature, the audience, the issuer, the subject and the room."""

    def __init__(self, key: str, algorithm: str, issuer: str, subject: str) -> None:
        self.key, self.algorithm, self.issuer, self.subject = key, algorithm, issuer, subject

    def admits(self, address: str, room: str) -> Any:
        """Return the claims of an address's token at any time. Raises InvalidTokenError."""
        (token,) = parse_qs(urlsplit(address).query)["jwt"]
        claims = jwt.decode(
            token,
            self.key,
            algorithms=[self.algorithm],
            audience="jitsi",
            issuer=self.issuer,
            subject=self.subject,
            options={"require": ["aud", "iss", "sub", "nbf", "exp", "room"], "verify_nbf": False, "verify_exp": False},
        )
        if claims["room"] != room:
            raise jwt.InvalidTokenError("another room")
        return claims


OWN = Jitsi("lockstep", SECRET)


def own_server(**other: str) -> JitsiServer:
    return JitsiServer(**{"key": SECRET, "algorithm": "HS256", "issuer": "lockstep", "subject": "meet.example"} | other)


def test_r41_a_server_of_ones_own_admits_a_member_into_one_room() -> None:
    address = jitsi_address(OWN, "https://meet.example", "room", GUEST)
    assert address.startswith("https://meet.example/room?jwt=")
    assert own_server().admits(address, "room") == {
        "aud": "jitsi",
        "iss": "lockstep",
        "sub": "meet.example",
        "room": "room",
        "nbf": int((SLOT.start - 10 * MINUTE).timestamp()),
        "exp": int((SLOT.end + 10 * MINUTE).timestamp()),
        "context": {"user": {"id": "ada.session", "name": "Ada"}},
    }


@pytest.mark.parametrize(
    "server",
    [
        own_server(key="t" * 32),
        own_server(issuer="another"),
        own_server(subject="other.example"),
        own_server(algorithm="HS512"),
    ],
)
def test_r41_another_server_refuses_the_token(server: JitsiServer) -> None:
    with pytest.raises(jwt.InvalidTokenError):
        server.admits(jitsi_address(OWN, "https://meet.example", "room", GUEST), "room")


def test_r41_another_room_refuses_the_token() -> None:
    with pytest.raises(jwt.InvalidTokenError, match="another room"):
        own_server().admits(jitsi_address(OWN, "https://meet.example", "room", GUEST), "another")


@pytest.mark.parametrize(
    ("opens", "closes", "refusal"),
    [(1, 70, jwt.ImmatureSignatureError), (-70, -1, jwt.ExpiredSignatureError), (-1, 1, None)],
)
def test_r41_a_server_refuses_the_token_before_the_room_opens_and_after_it_closes(
    opens: int, closes: int, refusal: type[Exception] | None
) -> None:
    # PyJWT reads the real time.
    now = datetime.now(UTC)
    guest = JitsiGuest("ada.session", "Ada", now + opens * MINUTE, now + closes * MINUTE)
    (token,) = parse_qs(urlsplit(jitsi_address(OWN, "https://meet.example", "room", guest)).query)["jwt"]
    if refusal is None:
        assert jwt.decode(token, SECRET, algorithms=["HS256"], audience="jitsi")["room"] == "room"
        return
    with pytest.raises(refusal):
        jwt.decode(token, SECRET, algorithms=["HS256"], audience="jitsi")


@pytest.mark.parametrize("key_id", ["4f4910", f"{APP}/4f4910"])
@pytest.mark.parametrize("compact", [False, True])
def test_r41_the_hosted_service_admits_a_member_without_any_feature(key_id: str, compact: bool) -> None:
    private, public = key_pair()
    hosted = Jitsi(APP, primes_of(private) if compact else private, key_id)
    address = jitsi_address(hosted, "https://8x8.vc", "room", GUEST)
    assert address.startswith(f"https://8x8.vc/{APP}/room?jwt=")
    (token,) = parse_qs(urlsplit(address).query)["jwt"]
    assert jwt.get_unverified_header(token) == {"alg": "RS256", "kid": f"{APP}/4f4910", "typ": "JWT"}
    claims = JitsiServer(public, "RS256", "chat", APP).admits(address, "room")
    assert claims["context"] == {
        "user": {"id": "ada.session", "name": "Ada", "moderator": "false"},
        "features": dict.fromkeys(FEATURES, "false"),
    }
    assert (claims["nbf"], claims["exp"]) == tuple(int(one.timestamp()) for one in (GUEST.opens, GUEST.closes))


def test_a_private_key_of_two_primes_is_the_same_key() -> None:
    private, _ = key_pair()
    # Several private exponents belong to one key, so only the other numbers are equal.
    short, whole = (private_key(text).private_numbers() for text in (primes_of(private), private))
    assert (short.p, short.q, short.public_numbers) == (whole.p, whole.q, whole.public_numbers)
    # All variables of a function together have at most 4 KiB.
    assert len(primes_of(private)) < 400
