"""The signatures of webhooks of room providers (R37)."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import timedelta

import pytest
from standardwebhooks.webhooks import Webhook

from chalicelib.handlers.http.identity.webhook_signature import is_signed
from tests.harness import MONDAY

# The form of a secret of Standard Webhooks. A provider with its own form takes the whole text as the key.
SECRET = "whsec_" + base64.b64encode(b"a shared secret of 32 characters").decode()
ANOTHER = "whsec_" + base64.b64encode(b"another secret of 32 characters.").decode()
BODY = b'{"eventType": "PARTICIPANT_JOINED"}'
SECOND = timedelta(seconds=1)
AGE = timedelta(minutes=5)

Headers = dict[str, str]


def standard(secret: str = SECRET, body: bytes = BODY) -> Headers:
    """Return the headers that a sender with the library of Standard Webhooks sends."""
    signature = Webhook(secret).sign("msg_1", MONDAY, body.decode())
    timestamp = str(int(MONDAY.timestamp()))
    return {"webhook-id": "msg_1", "webhook-timestamp": timestamp, "webhook-signature": signature}


def jaas(secret: str = SECRET, body: bytes = BODY) -> Headers:
    """Return the header that Jitsi as a Service sends."""
    timestamp = int(MONDAY.timestamp())
    digest = hmac.new(secret.encode(), f"{timestamp}.{body.decode()}".encode(), hashlib.sha256).digest()
    return {"x-jaas-signature": f"t={timestamp},v1={base64.b64encode(digest).decode()}"}


FORMS = pytest.mark.parametrize("form", [standard, jaas])


@FORMS
@pytest.mark.parametrize(
    ("late", "valid"),
    [(-AGE - SECOND, False), (-AGE, True), (timedelta(0), True), (AGE, True), (AGE + SECOND, False)],
)
def test_r37_a_webhook_is_signed_with_the_secret_within_5_minutes(
    form: Callable[..., Headers], late: timedelta, valid: bool
) -> None:
    assert is_signed(SECRET, form(), BODY, MONDAY + late) is valid


@FORMS
def test_r37_a_signature_of_another_secret_or_body_is_refused(form: Callable[..., Headers]) -> None:
    assert not is_signed(SECRET, form(ANOTHER), BODY, MONDAY)
    assert not is_signed(SECRET, form(body=b"{}"), BODY, MONDAY)


def test_r37_a_jaas_secret_may_be_any_text() -> None:
    secret = "whsec_3f6a9b0c1d"
    assert is_signed(secret, jaas(secret), BODY, MONDAY)
    plain = "a plain secret of some length"
    signed = f"msg_1.{int(MONDAY.timestamp())}.".encode() + BODY
    digest = base64.b64encode(hmac.digest(plain.encode(), signed, "sha256")).decode()
    assert is_signed(plain, standard() | {"webhook-signature": f"v1,{digest}"}, BODY, MONDAY)


@FORMS
def test_r37_one_of_several_signatures_suffices(form: Callable[..., Headers]) -> None:
    """A provider signs with two secrets while one is replaced."""
    separator = " " if form is standard else ","
    (name,) = {"webhook-signature", "x-jaas-signature"} & form().keys()
    old = form(ANOTHER)[name].rpartition("t=")[2]
    both = {**form(), name: f"{form()[name]}{separator}{old}"}
    assert is_signed(SECRET, both, BODY, MONDAY)


MALFORMED = {
    "no header": {},
    "no signature": {**standard(), "webhook-signature": ""},
    "another scheme": {**standard(), "webhook-signature": standard()["webhook-signature"].replace("v1,", "v1a,")},
    "a signature that is no ASCII": {**standard(), "webhook-signature": "v1,ä"},
    "another id": {**standard(), "webhook-id": "msg_2"},
    "no id": {name: value for name, value in standard().items() if name != "webhook-id"},
    "another time": {**standard(), "webhook-timestamp": str(int(MONDAY.timestamp()) + 1)},
    "no time": {**standard(), "webhook-timestamp": ""},
    "a time that is no number": {**standard(), "webhook-timestamp": "²"},
    "a time beyond the calendar": {**standard(), "webhook-timestamp": "9" * 30},
    "a time beyond the year 9999": {**standard(), "webhook-timestamp": "99999999999"},
    "another scheme of JaaS": {"x-jaas-signature": jaas()["x-jaas-signature"].replace("v1=", "v0=")},
    "no time of JaaS": {"x-jaas-signature": jaas()["x-jaas-signature"].partition(",")[2]},
    "nothing of JaaS": {"x-jaas-signature": ",=,t=,v1="},
}


@pytest.mark.parametrize("headers", MALFORMED.values(), ids=MALFORMED)
def test_r37_a_malformed_signature_is_refused(headers: Headers) -> None:
    assert not is_signed(SECRET, headers, BODY, MONDAY)
