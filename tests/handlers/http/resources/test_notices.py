"""Tests of the routes of notice settings."""

import json
from typing import Any

import pytest
from chalice.test import Client

from chalicelib.domain.model.api_key import Scope
from chalicelib.domain.model.event import EventKind
from tests.handlers.all_routes import api, token
from tests.handlers.callers import member
from tests.handlers.conftest import SignIn
from tests.harness import World
from tests.outbox import connect_outbox, text_of

NOTICES = "/v1/me/notices"
ADDRESS = "ada@example.org"


def test_r43_settings_are_read_and_changed_in_part(world: World, sign_in: SignIn) -> None:
    outbox = connect_outbox(world)
    ada = sign_in("Ada")
    first = ada("GET", NOTICES).json_body
    assert first["email"]["address"] is None
    assert EventKind.BOOKED in first["email"]["kinds"]
    kinds = ["session.cancelled", "session.matched", "session.cancelled"]
    answer = ada("PATCH", NOTICES, {"email": {"address": ADDRESS, "kinds": kinds}, "push": {"kinds": []}})
    assert (answer.status_code, answer.json_body) == (
        200,
        {
            "email": {
                "address": ADDRESS,
                "verified": False,
                "refused": False,
                # Each once, in the order of the contract.
                "kinds": ["session.matched", "session.cancelled"],
            },
            "push": {"kinds": [], "subscriptions": 0},
        },
    )
    assert ada("PATCH", NOTICES, {}).json_body == answer.json_body == ada("GET", NOTICES).json_body
    assert outbox.latest()["To"] == ADDRESS
    for removed in ({"email": None}, {"email": {"address": None}}):
        ada("PATCH", NOTICES, {"email": {"address": ADDRESS}})
        assert ada("PATCH", NOTICES, removed).json_body["email"]["address"] is None


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"email": {"address": "no address"}}, {"email.address"}),
        ({"email": {"address": f"{ADDRESS}\r\nBcc: eve@example.org"}}, {"email.address"}),
        ({"email": {"address": "=?utf-8?q?x?=@example.com"}}, {"email.address"}),
        ({"email": {"address": f"{'a' * 300}@example.org"}}, {"email.address"}),
        ({"email": {"address": 1, "kinds": "session.matched"}}, {"email.address", "email.kinds"}),
        ({"email": {"kinds": ["session.unknown"]}, "push": {"kinds": [None]}}, {"email.kinds", "push.kinds"}),
        ({"email": {"kinds": None}}, {"email.kinds"}),
        ({"email": {"kinds": ["\ud800"]}, "push": {"kinds": ["\udfff"]}}, {"email.kinds", "push.kinds"}),
        ({"email": {"verified": True, "other": 1}, "more": 1}, {"email.verified", "email.other", "more"}),
        ({"email": [], "push": None}, {"email", "push"}),
        ({"push": {"subscriptions": 1}}, {"push.subscriptions"}),
        ([], {"body"}),
    ],
)
def test_r43_every_invalid_field_is_named_in_words_for_a_person(
    world: World, sign_in: SignIn, body: Any, fields: set[str]
) -> None:
    outbox = connect_outbox(world)
    ada = sign_in("Ada")
    answer = ada("PATCH", NOTICES, body)
    assert (answer.status_code, answer.json_body["code"]) == (422, "invalid_request")
    assert {error["field"] for error in answer.json_body["errors"]} == fields
    assert all(word not in answer.json_body["detail"] for word in ("Struct", "msgspec", "NoneType"))
    assert outbox.sent == []
    assert ada("GET", NOTICES).json_body["email"]["address"] is None


def test_r43_the_address_of_the_callers_own_token_needs_no_mail(world: World) -> None:
    outbox = connect_outbox(world)
    proofs: list[tuple[dict[str, Any], bool]] = [
        ({"email": ADDRESS, "email_verified": True}, True),
        ({"email": ADDRESS.upper(), "email_verified": "true"}, True),
        ({"email": ADDRESS}, False),
        ({"email": ADDRESS, "email_verified": False}, False),
        ({"email": ADDRESS, "email_verified": "false"}, False),
        ({"email": ADDRESS, "email_verified": 1}, False),
        ({"email": "eve@example.org", "email_verified": True}, False),
        ({"email": [ADDRESS], "email_verified": True}, False),
    ]
    with Client(api(world)) as client:
        for number, (claims, verified) in enumerate(proofs):
            bearer = token(world, f"Member {number}", **claims)
            headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
            body = b'{"email": {"address": "ada@example.org"}}'
            answer = client.http.request("PATCH", NOTICES, headers=headers, body=body)
            assert (claims, answer.json_body["email"]["verified"]) == (claims, verified)
    assert len(outbox.sent) == sum(not verified for _, verified in proofs)


def test_r35_no_key_and_no_limited_token_changes_the_notices_of_its_owner(world: World, sign_in: SignIn) -> None:
    """A leaked key would read the mails of its owner, or end them before it cancels the sessions."""
    outbox = connect_outbox(world)
    ada = sign_in("Ada")
    ada("PATCH", NOTICES, {"email": {"address": ADDRESS}})
    before, sent = ada("GET", NOTICES).json_body, len(outbox.sent)
    key = world.api_key(member(world, "Ada"), Scope.WRITE)
    credentials = [
        {"X-API-KEY": key.text},
        {"Authorization": f"Bearer {token(world, 'Ada', scope='lockstep:write')}"},
    ]
    bodies = ({"email": {"address": "eve@example.org"}}, {"email": {"kinds": []}}, {"email": None})
    with Client(api(world)) as client:
        for headers in credentials:
            for body in bodies:
                sending = {**headers, "Content-Type": "application/json"}
                answer = client.http.request("PATCH", NOTICES, headers=sending, body=json.dumps(body).encode())
                assert (answer.status_code, answer.json_body["code"]) == (403, "forbidden")
            assert client.http.request("GET", NOTICES, headers=headers).status_code == 403
    assert (ada("GET", NOTICES).json_body, len(outbox.sent)) == (before, sent)


def test_r43_a_mail_that_cannot_be_sent_is_busy_and_the_same_request_sends_it(world: World, sign_in: SignIn) -> None:
    outbox = connect_outbox(world)
    outbox.failures = ["TooManyRequestsException", "MessageRejected"]
    ada = sign_in("Ada")
    body = {"email": {"address": ADDRESS}}
    busy = ada("PATCH", NOTICES, body)
    assert (busy.status_code, busy.json_body["code"], busy.headers["Retry-After"]) == (503, "busy", "1")
    refused = ada("PATCH", NOTICES, body)
    assert (refused.status_code, refused.json_body["field"]) == (422, "email.address")
    assert ada("PATCH", NOTICES, body).status_code == 200
    assert "/n/verify/" in text_of(outbox.latest())


def test_r36_the_sixth_verification_mail_of_a_date_is_refused(world: World, sign_in: SignIn) -> None:
    outbox = connect_outbox(world)
    ada = sign_in("Ada")
    answers = [ada("PATCH", NOTICES, {"email": {"address": ADDRESS}}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert (answers[5].json_body["code"], answers[5].headers["Retry-After"]) == ("rate_limited", str(16 * 3600))
    assert len(outbox.sent) == 5


def test_r43_a_deployment_that_sends_no_mails_stores_the_address(world: World, sign_in: SignIn) -> None:
    ada = sign_in("Ada")
    assert ada("PATCH", NOTICES, {"email": {"address": ADDRESS}}).json_body["email"]["address"] == ADDRESS
