"""The reads that begin with the read of the caller's account, for callers who are admitted and who are not."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from threading import Barrier
from typing import Any

import pytest

from bench.request_units import RequestUnitLedger
from chalicelib.handlers.http.call import Call
from chalicelib.handlers.http.early_reads import EarlyReads
from chalicelib.handlers.http.operations import operation_of
from chalicelib.storage import reads
from tests.handlers.conftest import SignIn
from tests.harness import World, at
from tests.staff_acts import suspend
from tests.table_snapshot import take_snapshot

BOOKING = {"startTime": at(1).start.isoformat(), "duration": 50 * 60_000}
INVALID = {"startTime": "soon"}
RELATIONS = ("favorite", "watch", "snooze", "block")


@pytest.fixture
def ledger(world: World) -> RequestUnitLedger:
    """The requests of a test inside `with`."""
    return RequestUnitLedger(world.table.connection.client)


@contextmanager
def first_in_flight(world: World, number: int) -> Iterator[None]:
    """Send none of the first requests before this number of them is in flight, and fail if that never happens."""
    barrier, numbers = Barrier(number, timeout=5), count()
    events = world.table.connection.client.meta.events

    def wait(**_call: Any) -> None:
        if next(numbers) < number:
            barrier.wait()

    events.register("before-call.dynamodb", wait)
    try:
        yield
    finally:
        events.unregister("before-call.dynamodb", wait)


def test_the_first_reads_of_a_booking_begin_before_the_account_is_read(
    world: World, sign_in: SignIn, ledger: RequestUnitLedger
) -> None:
    ada = sign_in("Ada")
    ada("POST", "/v1/sessions", BOOKING)
    with ledger, first_in_flight(world, 3):
        assert ada("POST", "/v1/sessions", BOOKING | {"startTime": at(3).start.isoformat()}).status_code == 201
    account, days, queue, *rest = ledger.requests
    assert sorted(one.operation for one in (account, days, queue)) == ["GetItem", "Query", "Query"]
    assert [one.operation for one in rest] == ["GetItem", "TransactWriteItems"]


def test_a_suspended_member_gets_the_refusal_before_that_of_an_input_and_nothing_is_written(
    world: World, sign_in: SignIn
) -> None:
    ada = sign_in("Ada")
    session = ada("POST", "/v1/sessions", BOOKING).json_body["session"]["sessionId"]
    profile, ben = reads.profile(world.table, ada("GET", "/v1/me").json_body["user"]["userId"]), world.member("Ben")
    assert profile
    suspend(world, profile)
    before = take_snapshot(world.table)
    calls = [
        ("POST", "/v1/sessions", BOOKING),
        ("POST", "/v1/sessions", INVALID),
        ("DELETE", f"/v1/sessions/{session}", None),
        ("POST", f"/v1/sessions/{session}/join", None),
        ("POST", f"/v1/sessions/{session}/second-chance", None),
        ("POST", "/i/unknown", BOOKING),
        *((method, f"/v1/people/{ben.member_id}/{kind}", None) for method in ("PUT", "DELETE") for kind in RELATIONS),
        ("PUT", f"/v1/people/{ben.member_id}/snooze", {"until": at(9).start.isoformat()}),
        ("GET", "/v1/calendar?start=soon", None),
        ("GET", "/v1/me/export/calendar", None),
        ("GET", "/v1/me/export/sheet", None),
        ("GET", "/v1/me/access", None),
        ("GET", "/v1/me/attendance", None),
        ("GET", "/v1/me/notices", None),
        ("GET", "/v1/users/unknown", None),
        ("GET", "/v1/events", None),
        ("GET", "/v1/people", None),
        ("GET", "/v1/invite-links", None),
        ("GET", "/v1/api-keys", None),
        ("GET", "/v1/webhooks/unknown/deliveries", None),
        ("GET", "/i/unknown", None),
        ("GET", "/v1/me", None),
    ]
    answers = [ada(*call) for call in calls]
    assert {(answer.status_code, answer.json_body["code"]) for answer in answers} == {(403, "suspended")}
    assert take_snapshot(world.table) == before


def test_an_unknown_key_begins_no_read(world: World, sign_in: SignIn, ledger: RequestUnitLedger) -> None:
    unknown = "lk_" + "0" * 40
    ada = sign_in("Ada")
    with ledger:
        answer = ada("POST", "/v1/sessions", BOOKING, **{"X-API-KEY": unknown})
    assert answer.status_code == 401
    assert not [one for one in ledger.requests if one.operation == "Query" or one.writes]


def test_r31_the_first_call_of_a_member_reads_again_once_the_account_exists(
    world: World, sign_in: SignIn, ledger: RequestUnitLedger
) -> None:
    with ledger:
        assert sign_in("Ada")("POST", "/v1/sessions", BOOKING).status_code == 201
    created = next(one for one in ledger.requests if one.writes)
    of_days = [one for one in ledger.requests if one.operation == "Query"]
    assert [one.began > created.ended for one in of_days] == [False, False, True, True]


def test_an_invalid_input_of_a_member_is_refused_after_the_account_is_read(
    world: World, sign_in: SignIn, ledger: RequestUnitLedger
) -> None:
    ada = sign_in("Ada")
    assert ada("GET", "/v1/me").status_code == 200
    with ledger:
        assert ada("POST", "/v1/sessions", INVALID).json_body["code"] == "invalid_request"
    assert [one.operation for one in ledger.requests if not one.writes] == ["GetItem"]


def test_an_authentication_that_begins_no_read_leaves_it_to_the_inputs(call: Call, world: World) -> None:
    session = world.book(call.caller, at(1))["sessionId"]
    operation = operation_of("GET", "/v1/sessions/{sessionId}")
    early = EarlyReads(call.context, operation, call.request, {"sessionId": session})
    (begun,) = early.inputs(call).values()
    assert begun().find(session)
