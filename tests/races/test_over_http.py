"""Workloads with a few clients each, over HTTP, with runners and an engine in separate processes."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.races.campaign import run_workload
from tests.races.clients import BOOKING_ACTIONS, LOCK_ACTIONS, Action, CallResult, ClientCall
from tests.races.environment import RaceEnvironment, booking_call, lock_call
from tests.races.history_checker import history_violations
from tests.races.run_engine import run_engine
from tests.races.workloads import WORKLOADS, Workload

# Each workload starts runners and an engine in separate processes.
pytestmark = pytest.mark.long

SEED = 5


@pytest.fixture(scope="module")
def environment(pytestconfig: pytest.Config) -> Iterator[RaceEnvironment]:
    """Runners on a new engine, shared by all workloads. Its first results are those of a few members in turn.

    The history is that of the whole table, so no other test may have written to it.
    """
    with run_engine(is_reference=pytestconfig.getoption("--reference")) as url:
        environment = RaceEnvironment(url, SEED)
        with environment.runners:
            call_in_turn(environment)
            environment.finish_work()
            environment.history.read_on()
            yield environment


def call_in_turn(environment: RaceEnvironment) -> None:
    """Send every call whose result is forged below, one after another, whichever workloads run."""
    slot, later = environment.slot(), environment.slot()
    owner, guest, target, locker, late_locker, leaver = environment.new_members(6)
    booked = environment.send(booking_call(late_locker, later))
    environment.send(ClientCall(Action.CANCEL, late_locker, session_id=booked.session["sessionId"]))
    for call in (
        *(ClientCall(Action.FAVORITE, member, other=target) for member in (locker, late_locker)),
        *(booking_call(member, slot) for member in (owner, target)),
        lock_call(locker, target, slot),
        lock_call(late_locker, target, slot),
        ClientCall(Action.ACCEPT, guest, slot, owner, link=environment.link(owner, 1)),
        booking_call(leaver, later),
        ClientCall(Action.LEAVE, leaver),
    ):
        environment.send(call)


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.name)
def test_a_workload_gets_true_responses_and_violates_nothing(environment: RaceEnvironment, workload: Workload) -> None:
    result = run_workload(environment, workload, workload.few)
    assert (result.violations, result.audit_lines) == ((), ())
    assert result.codes.total() >= workload.few


Results = list[CallResult]
Forgery = Callable[[Results], tuple[Results, str]]


def first(results: Results, matches: Callable[[CallResult], bool]) -> CallResult:
    return next(one for one in results if matches(one))


def without(results: Results, *removed: CallResult) -> Results:
    return [one for one in results if one not in removed]


def an_unreported_booking(results: Results) -> tuple[Results, str]:
    created = first(results, lambda one: one.call.action is Action.BOOK and one.is_created)
    session = created.session["sessionId"]
    reports = [
        one
        for one in results
        if one.succeeded and one.call.action in BOOKING_ACTIONS and one.session["sessionId"] == session
    ]
    return without(results, *reports), "was created, but never reported"


def a_lock_reported_as_refused(results: Results) -> tuple[Results, str]:
    created = first(results, lambda one: one.call.action is Action.LOCK and one.is_created and not one.call.key)
    refused = first(results, lambda one: one.code == "not_available")
    reports = [
        one for one in results if one.succeeded and one.call.action in LOCK_ACTIONS and one.view[2] == created.view[2]
    ]
    forged = replace(created, response=refused.response)
    return [*without(results, *reports), forged], "was created, but reported to neither member"


def a_refusal_reported_as_success(results: Results) -> tuple[Results, str]:
    refused = first(results, lambda one: one.call.action is Action.LOCK and one.code == "not_available")
    created = first(results, lambda one: one.call.action is Action.LOCK and one.is_created)
    return [*without(results, refused), replace(refused, response=created.response)], "returned another booking"


def a_pair_that_never_existed(results: Results) -> tuple[Results, str]:
    created = first(results, lambda one: one.call.action is Action.LOCK and one.is_created)
    assert created.response
    session = {**created.session, "roomUrl": "https://rooms.example/elsewhere"}
    forged = replace(created.response, data=json.dumps({"session": session}).encode())
    return [*results, CallResult(created.call, forged)], "which never existed"


def a_cancellation_without_an_effect(results: Results) -> tuple[Results, str]:
    locked = first(results, lambda one: one.call.action is Action.LOCK and one.is_created)
    cancelled = first(results, lambda one: one.call.action is Action.CANCEL and one.succeeded)
    call = replace(locked.call, action=Action.CANCEL, session_id=locked.session["sessionId"])
    return [*results, CallResult(call, cancelled.response)], "is active"


def a_cancellation_without_a_request(results: Results) -> tuple[Results, str]:
    return [
        one for one in results if one.call.action is not Action.CANCEL
    ], "was cancelled without a request of its owner"


def a_booking_of_a_deleted_account_reported_as_refused(results: Results) -> tuple[Results, str]:
    left = first(results, lambda one: one.call.action is Action.LEAVE)
    booked = first(results, lambda one: one.call.caller == left.call.caller and one.is_created)
    refused = first(results, lambda one: one.code == "not_available")
    return [*without(results, booked), replace(booked, response=refused.response)], "was created, but never reported"


def a_deletion_without_a_request(results: Results) -> tuple[Results, str]:
    return [one for one in results if one.call.action is not Action.LEAVE], "the versions of"


def two_requests_that_report_one_creation(results: Results) -> tuple[Results, str]:
    created = first(results, lambda one: one.call.action is Action.BOOK and one.is_created and not one.call.key)
    return [*results, CallResult(created.call, created.response)], "2 requests"


def an_unreported_use_of_a_link(results: Results) -> tuple[Results, str]:
    accepted = first(results, lambda one: one.call.action is Action.ACCEPT and one.is_created)
    return without(results, accepted), "uses, but"


@pytest.mark.parametrize(
    "forge",
    [
        an_unreported_booking,
        a_lock_reported_as_refused,
        a_refusal_reported_as_success,
        a_pair_that_never_existed,
        a_cancellation_without_an_effect,
        a_cancellation_without_a_request,
        a_booking_of_a_deleted_account_reported_as_refused,
        a_deletion_without_a_request,
        two_requests_that_report_one_creation,
        an_unreported_use_of_a_link,
    ],
    ids=lambda forge: forge.__name__,
)
def test_a_forged_response_is_found(environment: RaceEnvironment, forge: Forgery) -> None:
    """Forge results, which have no violation."""
    results, words = forge(environment.results)
    assert [one for one in history_violations(environment.history, results) if words in one]
