"""The commit: each condition alone saves the day, and every outcome is told as what it means."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from pynamodb.exceptions import CancellationReason, TransactWriteError, VerboseClientError

from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.decisions.day_editor import DayEditor
from chalicelib.domain.decisions.write_set import WriteSet
from chalicelib.domain.model.booking import State
from chalicelib.domain.model.errors import Busy
from chalicelib.domain.model.member import Availability, Profile, RelationKind
from chalicelib.services.bookings.book import KeyedRequest
from chalicelib.services.bookings.cancel import cancel_session
from chalicelib.services.transaction import OUTCOME_UNKNOWN_DETAIL
from chalicelib.storage import reads
from chalicelib.storage.errors import Conflict, NotCommitted, OutcomeUnknown, Throttled, outcome_of
from chalicelib.storage.keys import POOL
from chalicelib.storage.transactions import commit
from tests.fault_proxy import Fault, FaultyEngine
from tests.harness import World, at
from tests.table_snapshot import take_snapshot

NINE = at(1)


def try_commit(world: World, changes: WriteSet) -> type[NotCommitted] | None:
    """Commit, and tell what became of it."""
    try:
        commit(world.table, changes, token=world.context.token(26), now=world.now)
    except NotCommitted as outcome:
        return type(outcome)
    return None


@pytest.mark.parametrize("meddler", ["nobody", "the one", "the other"])
def test_r3_the_version_of_either_day_alone_voids_a_pairing(world: World, meddler: str) -> None:
    """Each member's day is conditioned: a change of either, anywhere in the day, is enough."""
    ada, ben = world.members("Ada", "Ben")
    world.say(ada, RelationKind.SNOOZE, ben, until=world.now + timedelta(seconds=1))
    world.book(ada, NINE)
    world.book(ben, NINE)
    days = reads.days(world.table, [(ada.member_id, NINE.date), (ben.member_id, NINE.date)])
    mine, theirs = (days.holding(member.member_id, NINE) for member in (ada, ben))
    assert mine is not None
    assert theirs is not None
    editor = DayEditor(days, "operatio", world.now)
    editor.match(mine, theirs, "pair")
    if meddler != "nobody":
        world.book(ada if meddler == "the one" else ben, at(9))
    before = take_snapshot(world.table)
    outcome = try_commit(world, WriteSet(days=editor.changes()))
    assert outcome == (None if meddler == "nobody" else Conflict)
    assert (take_snapshot(world.table) == before) is (meddler != "nobody")


def test_r3_a_day_nobody_had_written_when_it_was_read_must_still_be_unwritten(world: World) -> None:
    ada = world.member("Ada")
    days = reads.days(world.table, [(ada.member_id, NINE.date)])
    world.book(ada, NINE)
    booked = world.day(ada, NINE)
    editor = DayEditor(days, "operatio", world.now)
    editor.queue(replace(booked.bookings[0], booking_id=booked.bookings[0].booking_id))
    assert try_commit(world, WriteSet(days=editor.changes())) is Conflict
    assert world.day(ada, NINE) == booked


def test_r18_a_waiting_row_is_taken_away_by_the_key_its_booking_keeps(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    world.book(ben, NINE)
    world.after(minutes=3)
    world.cancel(ben, world.seen(ben, NINE))
    cancel_session(world.context, ada.member_id, world.seen(ada, NINE)["sessionId"])
    assert not take_snapshot(world.table).waiting_rows


def failure(code: str, *reasons: str | None) -> TransactWriteError:
    """A failed transaction as PynamoDB tells it."""
    answer = {"Error": {"Code": code, "Message": "made for a test"}}
    told = [CancellationReason(reason) if reason else None for reason in reasons]
    return TransactWriteError("failed", VerboseClientError(answer, "TransactWriteItems", cancellation_reasons=told))


CANCELLED = "TransactionCanceledException"


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (failure(CANCELLED, None, "ConditionalCheckFailed"), Conflict),
        (failure(CANCELLED, "TransactionConflict", None), Conflict),
        (failure(CANCELLED, "ConditionalCheckFailed", "ThrottlingError"), Throttled),
        (failure(CANCELLED, "ProvisionedThroughputExceeded"), Throttled),
        (failure(CANCELLED, "ConditionalCheckFailed", "ValidationError"), None),
        (failure(CANCELLED, "ItemCollectionSizeLimitExceeded"), None),
        (failure("ThrottlingException"), Throttled),
        (failure("ProvisionedThroughputExceededException"), Throttled),
        (failure("RequestLimitExceeded"), Throttled),
        (failure("InternalServerError"), OutcomeUnknown),
        (failure("TransactionInProgressException"), OutcomeUnknown),
        (TransactWriteError("failed", ConnectionError()), OutcomeUnknown),
        (failure("ValidationException"), None),
        (failure("IdempotentParameterMismatchException"), None),
        (failure("AccessDeniedException"), None),
        (failure("ResourceNotFoundException"), None),
    ],
)
def test_every_outcome_is_told_as_what_it_means(error: TransactWriteError, outcome: type | None) -> None:
    told = outcome_of(error)
    assert (type(told) if told else None) is outcome


@pytest.mark.parametrize("fault", [Fault.CONFLICT, Fault.THROTTLED, Fault.OVERLOADED])
def test_a_conflict_or_an_overload_is_decided_again(world: World, faults: FaultyEngine, fault: Fault) -> None:
    ada, ben = world.members("Ada", "Ben")
    faults.plan += [fault] * 3
    world.book(ada, NINE)
    faults.plan += [fault]
    world.book(ben, NINE)
    assert world.state(ada, NINE) == ("matched", "Ben")


def test_who_loses_every_race_is_told_so_and_nothing_changed(world: World, faults: FaultyEngine) -> None:
    ada = world.member("Ada")
    faults.plan += [Fault.CONFLICT] * 8
    with pytest.raises(Busy) as refusal:
        world.book(ada, NINE)
    assert refusal.value.detail == Busy.default_detail
    assert world.state(ada, NINE) == ("none", None)
    assert faults.plan == []


@pytest.mark.parametrize("keyed", [None, KeyedRequest("key", "digest")])
@pytest.mark.parametrize(
    ("fault", "lost"),
    [
        (Fault.LOSE_ANSWER, 1),
        (Fault.LOSE_ANSWER, 4),
        (Fault.LOSE_REQUEST, 1),
        (Fault.LOSE_REQUEST, 4),
        (Fault.LOSE_REQUEST, 6),
    ],
)
def test_a_booking_whose_answers_are_lost_is_made_once(
    world: World, faults: FaultyEngine, fault: Fault, lost: int, keyed: KeyedRequest | None
) -> None:
    """One loss is met by the client library; after four the day is read again, and an own operation found in it."""
    ada = world.member("Ada")
    faults.plan += [fault] * lost
    reply = world.reply(ada, BookingRequest(NINE), keyed)
    assert (reply.status, faults.plan) == (201, [])
    assert [booking.state for booking in world.day(ada, NINE).bookings] == [State.WAITING]


@pytest.mark.parametrize("lost", [1, 4])
def test_a_lock_whose_answers_are_lost_is_made_once_and_told_as_made(
    world: World, faults: FaultyEngine, lost: int
) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.favorite(cy, ada)
    world.book(ada, NINE)
    world.book(ben, NINE)
    faults.plan += [Fault.LOSE_ANSWER] * lost
    assert world.reply(cy, BookingRequest(NINE, lock_with=ada.member_id)).status == 201
    assert world.state(ada, NINE) == ("locked_in", "Cy")


def test_r17_a_cancellation_whose_answers_are_lost_has_one_effect(world: World, faults: FaultyEngine) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    session = world.book(ben, NINE)
    faults.plan += [Fault.LOSE_ANSWER] * 4
    world.cancel(ben, session)
    assert world.state(ada, NINE) == ("waiting", None)


def test_a_first_call_whose_answers_are_lost_makes_one_profile(world: World, faults: FaultyEngine) -> None:
    faults.plan += [Fault.LOSE_ANSWER] * 4
    ada: Profile = world.member("Ada")
    assert reads.profile(world.table, ada.member_id) == ada


def after_a_loss(world: World, faults: FaultyEngine, happens: Callable[[], object]) -> None:
    """Lose every answer to the next transaction, and let something happen before it is decided again."""
    faults.plan += [Fault.LOSE_ANSWER] * 4
    left = [happens]
    world.context.pause = lambda _seconds: left.pop()() if left else None


def test_an_own_booking_that_was_cancelled_meanwhile_is_not_made_again(world: World, faults: FaultyEngine) -> None:
    ada = world.member("Ada")
    after_a_loss(world, faults, lambda: world.cancel(ada, world.seen(ada, NINE)))
    reply = world.reply(ada, BookingRequest(NINE))
    assert (reply.status, json.loads(reply.body)["session"]["state"]) == (201, "cancelled")
    assert [booking.state for booking in world.day(ada, NINE).bookings] == [State.CANCELLED]


def test_an_own_booking_that_was_replaced_meanwhile_undoes_nothing(world: World, faults: FaultyEngine) -> None:
    ada = world.member("Ada")
    after_a_loss(world, faults, lambda: world.book(ada, at(1.5), replace=True))
    assert world.reply(ada, BookingRequest(NINE, replace=True)).status == 201
    assert world.state(ada, at(1.5)) == ("waiting", None)


def test_a_lock_that_took_over_a_booking_is_found_by_its_slot(world: World, faults: FaultyEngine) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ada, ben)
    world.book(ben, NINE)
    mine = world.book(ada, NINE)
    after_a_loss(world, faults, lambda: world.cancel(ada, mine))
    reply = world.reply(ada, BookingRequest(NINE, lock_with=ben.member_id))
    assert (reply.status, json.loads(reply.body)["session"]["sessionId"]) == (201, mine["sessionId"])
    assert world.state(ben, NINE) == ("waiting", None)


def test_r30_what_was_carried_out_before_the_start_is_told_as_done_after_it(world: World, faults: FaultyEngine) -> None:
    ada = world.member("Ada")
    world.now = NINE.start - timedelta(seconds=1)
    after_a_loss(world, faults, lambda: world.after(seconds=1))
    assert world.reply(ada, BookingRequest(NINE)).status == 201


def test_no_answer_and_then_a_refusal_is_told_as_doubt(world: World, faults: FaultyEngine) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ada, ben)
    world.book(ben, NINE)
    faults.plan += [Fault.LOSE_REQUEST] * 4
    left = [lambda: world.set(ben, availability=Availability.NO_ONE)]
    world.context.pause = lambda _seconds: left.pop()() if left else None
    with pytest.raises(Busy) as refusal:
        world.lock(ada, ben, NINE)
    assert refusal.value.detail == OUTCOME_UNKNOWN_DETAIL


def test_every_read_that_a_decision_rests_on_is_strongly_consistent(world: World) -> None:
    asked: list[tuple[str, bool, bool]] = []

    def listen(model: Any, params: Any, **_rest: Any) -> None:
        body = json.loads(params["body"])
        strong = body.get("ConsistentRead") or any(
            table.get("ConsistentRead") for table in body.get("RequestItems", {}).values()
        )
        asked.append((model.name, bool(strong), POOL in params["body"].decode()))

    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.favorite(cy, ada)
    events = world.table.connection.client.meta.events
    events.register("before-call.dynamodb", listen)
    world.book(ada, NINE)
    world.reply(ben, BookingRequest(NINE), KeyedRequest("key", "digest"))
    world.lock(cy, ada, NINE, replace=True)
    cancel_session(world.context, cy.member_id, world.day(cy, NINE).bookings[0].booking_id)
    world.say(ada, RelationKind.BLOCK, ben)
    world.tick()
    events.unregister("before-call.dynamodb", listen)
    reading = [entry for entry in asked if entry[0] != "TransactWriteItems"]
    assert {name for name, _, _ in reading} == {"BatchGetItem", "GetItem", "Query"}
    # Whoever books looks once at those who wait, whose days are then read; the schedules look strongly.
    weak = [(name, pool) for name, strong, pool in reading if not strong]
    assert weak == [("Query", True)] * 2
    assert [entry for entry in reading if entry == ("Query", True, True)] != []
