"""Tests of the messages of Web Push, with the example of RFC 8291 and another implementation."""

from datetime import UTC, datetime, timedelta

import http_ece
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import strategies as st

from chalicelib.channels.web_push import (
    MOST_BODY_BYTES,
    MOST_TEXT_BYTES,
    BrowserKeys,
    PushMessage,
    PushSender,
    Randomness,
    decoded,
    encoded,
    encrypted,
    is_point,
    is_secret,
    public_key,
    push_headers,
)
from tests.properties import given

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
# The keys of the example in RFC 8291, appendix A. The derivation of a key adds 1 to the scalar.
SCALAR = (int.from_bytes(decoded("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")) - 1).to_bytes(32)
PUBLIC = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"
BROWSER = BrowserKeys(
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", "BTBZMqHH6r4Tts7J_aSIgg"
)
BROWSER_SCALAR = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
SALT = decoded("DGv6ra1nlYgDCS1FRnbzlw")
RECEIVER = ec.derive_private_key(int.from_bytes(decoded(BROWSER_SCALAR)), ec.SECP256R1())
MESSAGE = PushMessage(b"hello", "a-topic", timedelta(hours=2, seconds=1), urgent=False)


def decrypted(body: bytes) -> bytes:
    """Decrypt with another implementation."""
    text: bytes = http_ece.decrypt(body, private_key=RECEIVER, auth_secret=decoded(BROWSER.auth), version="aes128gcm")
    return text


def test_r43_a_message_is_encrypted_as_in_the_example_of_the_standard() -> None:
    body = encrypted(b"When I grow up, I want to be a watermelon", BROWSER, Randomness(SALT, SCALAR))
    assert encoded(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
        "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


@given(st.binary(max_size=MOST_TEXT_BYTES), st.binary(min_size=32, max_size=32), st.binary(min_size=16, max_size=16))
def test_r43_only_the_browser_reads_a_message(text: bytes, scalar: bytes, salt: bytes) -> None:
    body = encrypted(text, BROWSER, Randomness(salt, scalar))
    assert decrypted(body) == text
    assert len(body) <= MOST_BODY_BYTES


def test_r43_the_longest_text_fits_into_the_body_that_every_push_service_accepts() -> None:
    assert len(encrypted(b"x" * MOST_TEXT_BYTES, BROWSER, Randomness(SALT, SCALAR))) == MOST_BODY_BYTES


def test_r43_the_headers_prove_the_sender_to_one_push_service_for_less_than_a_day() -> None:
    sender = PushSender(b"s" * 32, "mailto:operator@lockstep.example")
    headers = push_headers("https://push.example:8443/send/x?y=z", MESSAGE, sender, NOW)
    scheme, _, values = headers.pop("Authorization").partition(" ")
    token, key = (part.strip().partition("=")[2] for part in values.split(","))
    assert (scheme, key) == ("vapid", public_key(sender.secret))
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(key))
    claims = jwt.decode(
        token, point, algorithms=["ES256"], audience="https://push.example:8443", options={"verify_exp": False}
    )
    assert claims["sub"] == "mailto:operator@lockstep.example"
    assert NOW < datetime.fromtimestamp(claims["exp"], UTC) < NOW + timedelta(days=1)
    assert headers == {
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": "7201",
        "Topic": "a-topic",
        "Urgency": "normal",
    }


@pytest.mark.parametrize("secret", [b"\0" * 32, b"\xff" * 32, SCALAR])
def test_r43_every_secret_has_a_public_key(secret: bytes) -> None:
    assert is_point(public_key(secret))


def test_r43_the_public_key_is_that_of_the_secret() -> None:
    assert public_key(SCALAR) == PUBLIC


@pytest.mark.parametrize(
    ("p256dh", "auth", "valid"),
    [
        (BROWSER.p256dh, BROWSER.auth, True),
        (BROWSER.p256dh + "=", BROWSER.auth + "==", True),
        (encoded(decoded(BROWSER.p256dh)[:-1] + b"\0"), BROWSER.auth, False),
        (encoded(b"\2" + decoded(BROWSER.p256dh)[1:33]), BROWSER.auth, False),
        (encoded(b"\0"), BROWSER.auth, False),
        ("", BROWSER.auth, False),
        ("\u00e9" * 87, BROWSER.auth, False),
        (BROWSER.p256dh, encoded(b"x" * 15), False),
        (BROWSER.p256dh, encoded(b"x" * 17), False),
        (BROWSER.p256dh, "!" * 22, False),
        (BROWSER.p256dh, "", False),
    ],
)
def test_r43_keys_are_a_point_of_the_curve_and_a_secret(p256dh: str, auth: str, valid: bool) -> None:
    assert (is_point(p256dh) and is_secret(auth)) is valid
