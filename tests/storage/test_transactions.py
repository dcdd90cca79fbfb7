"""Each condition of a commit makes a conflicting transaction fail, and a lost response changes nothing twice."""

import json
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from msgspec.structs import replace
from pynamodb.exceptions import TransactWriteError

from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.decisions.day_editor import DayEditor
from chalicelib.domain.decisions.write_set import (
    Erasure,
    InviteMade,
    InviteRevoked,
    InviteUse,
    Job,
    JobKind,
    ProfileChange,
    QueueShardsOpened,
    RecordedResponse,
    RelationChange,
    SessionsCounted,
    WriteSet,
)
from chalicelib.domain.model.access_record import AccessKind
from chalicelib.domain.model.booking import State
from chalicelib.domain.model.errors import Busy
from chalicelib.domain.model.limits import LimitKind, versioned_limit_of
from chalicelib.domain.model.member import NO_RELATION, Availability, Gender, Profile, Relation, RelationKind
from chalicelib.domain.model.slot import ONE_DAY, day_start
from chalicelib.services.bookings.book import KeyedRequest
from chalicelib.services.bookings.cancel import cancel_session
from chalicelib.services.transaction import OUTCOME_UNKNOWN_DETAIL
from chalicelib.storage import keys, reads
from chalicelib.storage.connection import WRITES
from chalicelib.storage.errors import Conflict
from chalicelib.storage.keys import POOL
from chalicelib.storage.mappers import account_item
from chalicelib.storage.updates import record_use
from tests.fault_proxy import Fault, FaultProxy
from tests.harness import MONDAY, World, at
from tests.storage.commit_outcome import try_commit
from tests.table_snapshot import read_whole_table, take_snapshot

NINE = at(1)


@pytest.mark.parametrize("changed", ["no day", "one day", "the other day"])
def test_r3_a_pairing_conflicts_with_a_new_version_of_either_day(world: World, changed: str) -> None:
    """Each day has its condition, so any change of either day is enough."""
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
    if changed != "no day":
        world.book(ada if changed == "one day" else ben, at(9))
    before = take_snapshot(world.table)
    outcome = try_commit(world, WriteSet(days=editor.changes()))
    assert outcome == (None if changed == "no day" else Conflict)
    assert (take_snapshot(world.table) == before) is (changed != "no day")


def test_r3_a_day_without_an_item_must_still_have_none(world: World) -> None:
    ada = world.member("Ada")
    days = reads.days(world.table, [(ada.member_id, NINE.date)])
    world.book(ada, NINE)
    booked = world.day(ada, NINE)
    editor = DayEditor(days, "operatio", world.now)
    editor.queue(booked.bookings[0])
    assert try_commit(world, WriteSet(days=editor.changes())) is Conflict
    assert world.day(ada, NINE) == booked


def test_r18_a_waiting_row_is_deleted_by_the_key_in_its_booking(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    world.book(ben, NINE)
    world.after(minutes=3)
    world.cancel(ben, world.seen(ben, NINE))
    cancel_session(world.context, ada.member_id, world.seen(ada, NINE)["sessionId"])
    assert not take_snapshot(world.table).waiting_rows


def test_an_empty_write_set_sends_no_transaction(world: World, faults: FaultProxy) -> None:
    faults.plan += [Fault.INVALID]
    assert try_commit(world, WriteSet()) is None
    assert faults.plan.pop() is Fault.INVALID


def test_an_error_of_the_program_is_raised_unchanged(world: World, faults: FaultProxy) -> None:
    faults.plan += [Fault.INVALID]
    with pytest.raises(TransactWriteError):
        try_commit(world, WriteSet(job=Job("job", JobKind.PARTING, "A", "B")))


def test_an_idempotency_key_has_one_response_until_it_expires(moto_world: World) -> None:
    world, ada = moto_world, moto_world.member("Ada")
    world.book(ada, NINE)
    (booking,) = world.day(ada, NINE).bookings
    response = RecordedResponse("key", "digest", booking, True, False, world.now, world.now + timedelta(hours=24))
    assert try_commit(world, WriteSet(recorded_responses=(response,))) is None
    assert try_commit(world, WriteSet(recorded_responses=(replace(response, new=False),))) is Conflict
    assert reads.recorded_response(world.table, ada.member_id, "key") == response
    world.after(hours=24)
    assert try_commit(world, WriteSet(recorded_responses=(replace(response, new=False),))) is None


def test_r32_of_two_changes_of_one_profile_the_second_conflicts(moto_world: World) -> None:
    world, ada = moto_world, moto_world.member("Ada")
    renamed = replace(ada, name="Ada L.", revision="one")
    assert try_commit(world, WriteSet(profile=ProfileChange(ada, renamed))) is None
    quiet = replace(ada, name="Ada", revision="two")
    assert try_commit(world, WriteSet(profile=ProfileChange(ada, quiet))) is Conflict
    assert reads.profile(world.table, ada.member_id) == renamed


def test_r32_a_change_of_a_profile_keeps_the_uses_and_the_count_that_were_stored_since_the_read(
    moto_world: World,
) -> None:
    world, ada = moto_world, moto_world.member("Ada", photo_url="https://pictures.example/ada")
    used = ada.access.with_use(AccessKind.READ, world.now.date())
    record_use(world.table, ada, used, world.now.date())
    until = day_start(world.now.date()) + ONE_DAY
    assert try_commit(world, WriteSet(counted=SessionsCounted(ada, 3, until))) is None
    changed = replace(ada, name="Ada L.", photo_url=None, gender=Gender.WOMAN, revision="one")
    assert try_commit(world, WriteSet(profile=ProfileChange(ada, changed))) is None
    kept = replace(changed, access=used, completed=3, counted_until=until)
    assert reads.profile(world.table, ada.member_id) == kept
    assert read_whole_table(world.table)[keys.profile(ada.member_id)] == account_item(kept).serialize()


def test_a_profile_is_created_once(moto_world: World) -> None:
    world, ada = moto_world, moto_world.member("Ada")
    assert try_commit(world, WriteSet(profile=ProfileChange(None, replace(ada, name="Eve")))) is Conflict
    assert reads.profile(world.table, ada.member_id) == ada


def test_r36_a_relation_has_a_row_unless_it_is_empty_and_a_copy_if_it_is_a_favorite(moto_world: World) -> None:
    world, (ada, ben) = moto_world, moto_world.members("Ada", "Ben")
    two = ada.member_id, ben.member_id
    favorite, block = Relation(favorite=True), Relation(blocked=True)
    both = Relation(favorite=True, blocked=True)
    steps = (NO_RELATION, favorite, both, block, NO_RELATION, both, NO_RELATION)
    for before, after in pairwise(steps):
        assert try_commit(world, WriteSet(relation=RelationChange(*two, before, after))) is None
        found = take_snapshot(world.table)
        assert found.relations == ({} if after == NO_RELATION else {two: after})
        assert found.mirrors == ({two: favorite} if after.favorite else {})


def test_r33_a_relation_whose_favorite_is_gone_is_not_written(moto_world: World) -> None:
    world, (ada, ben) = moto_world, moto_world.members("Ada", "Ben")
    two = ada.member_id, ben.member_id
    favorite = Relation(favorite=True)
    for after in (NO_RELATION, replace(favorite, blocked=True)):
        assert try_commit(world, WriteSet(relation=RelationChange(*two, favorite, after))) is Conflict
    assert world.says(ada, ben) == NO_RELATION


def test_r29_a_use_of_a_link_requires_its_number_of_uses(moto_world: World) -> None:
    world, ada = moto_world, moto_world.member("Ada")
    world.invite(ada, max_uses=2)
    (link,) = world.links(ada)
    assert try_commit(world, WriteSet(invite=InviteUse(link, link.used()))) is None
    assert try_commit(world, WriteSet(invite=InviteUse(link, link.used()))) is Conflict
    assert world.links(ada) == [link.used()]
    assert try_commit(world, WriteSet(invite=InviteRevoked(link))) is None
    assert try_commit(world, WriteSet(invite=InviteUse(link.used(), link.used().used()))) is Conflict
    assert reads.invite(world.table, link.digest) is None


def test_r29_a_delayed_creation_of_a_link_does_not_reset_its_uses(moto_world: World) -> None:
    world, ada = moto_world, moto_world.member("Ada")
    world.invite(ada, max_uses=2)
    (link,) = world.links(ada)
    assert try_commit(world, WriteSet(invite=InviteUse(link, link.used()))) is None
    unused = versioned_limit_of(ada.member_id, LimitKind.LINKS)
    assert try_commit(world, WriteSet(invite=InviteMade(link), versioned_limit=unused)) is Conflict
    assert world.links(ada) == [link.used()]


def test_r36_of_two_counted_writes_the_second_conflicts(moto_world: World) -> None:
    world, ada = moto_world, moto_world.member("Ada")
    unused = versioned_limit_of(ada.member_id, LimitKind.KEYS)
    assert try_commit(world, WriteSet(versioned_limit=unused)) is None
    assert try_commit(world, WriteSet(versioned_limit=unused)) is Conflict
    assert try_commit(world, WriteSet(versioned_limit=unused.passed())) is None
    assert reads.versioned_limit(world.table, unused).version == 2


def test_r33_a_write_for_a_member_requires_a_profile(moto_world: World) -> None:
    world, (ada, ben) = moto_world, moto_world.members("Ada", "Ben")
    tombstone = world.begin_to_leave(ben)
    job = Job("job", JobKind.PARTING, ada.member_id, ben.member_id)
    for missing in (ben.member_id, "missing"):
        assert try_commit(world, WriteSet(job=job, present=(ada.member_id, missing))) is Conflict
    assert try_commit(world, WriteSet(job=job, present=(ada.member_id,))) is None
    assert try_commit(world, WriteSet(job_done=job, tombstone=replace(tombstone, revision="old"))) is Conflict
    assert try_commit(world, WriteSet(job_done=job, tombstone=tombstone)) is None


def test_r1_a_pair_requires_that_no_block_was_stored(moto_world: World) -> None:
    world, (ada, ben) = moto_world, moto_world.members("Ada", "Ben")
    two = ada.member_id, ben.member_id
    job = Job("job", JobKind.PARTING, *two)
    world.say(ada, RelationKind.FAVORITE, ben)
    assert try_commit(world, WriteSet(job=job, unblocked=(two, two[::-1]))) is None
    world.say(ada, RelationKind.BLOCK, ben)
    assert try_commit(world, WriteSet(job=job, unblocked=(two,))) is Conflict
    assert try_commit(world, WriteSet(job=job, unblocked=(two[::-1],))) is None


def test_r1_a_parting_requires_the_block(moto_world: World) -> None:
    world, (ada, ben) = moto_world, moto_world.members("Ada", "Ben")
    two = ada.member_id, ben.member_id
    job = Job("job", JobKind.PARTING, *two)
    world.favorite(ada, ben)
    assert try_commit(world, WriteSet(job=job, block=two)) is Conflict
    world.say(ada, RelationKind.BLOCK, ben)
    assert try_commit(world, WriteSet(job=job, block=two)) is None
    assert try_commit(world, WriteSet(job=job, block=two[::-1])) is Conflict


def test_the_number_of_queue_shards_is_raised_once_and_in_all_of_them(moto_world: World) -> None:
    world = moto_world
    assert try_commit(world, WriteSet(queue_shards=(QueueShardsOpened(NINE, 1, 4),))) is None
    for before, after in ((1, 4), (1, 16), (16, 64)):
        assert try_commit(world, WriteSet(queue_shards=(QueueShardsOpened(NINE, before, after),))) is Conflict
    assert set(take_snapshot(world.table).queue_shards.items()) == {((NINE, shard), 4) for shard in range(4)}


def test_r33_an_erasure_deletes_own_relations_and_the_favorites_of_others(moto_world: World) -> None:
    world, (ada, ben, cy) = moto_world, moto_world.members("Ada", "Ben", "Cy")
    world.favorite(ada, ben)
    world.favorite(ben, ada, cy)
    world.favorite(cy, ada)
    world.say(cy, RelationKind.BLOCK, ada)
    block = world.says(cy, ada)
    kept = replace(block, favorite=False)
    favorites = (
        RelationChange(ben.member_id, ada.member_id, world.says(ben, ada), NO_RELATION),
        RelationChange(cy.member_id, ada.member_id, block, kept),
    )
    erasure = Erasure(ada.member_id, (ben.member_id,), (ben.member_id, cy.member_id), favorites)
    assert try_commit(world, WriteSet(erasure=erasure)) is None
    found = take_snapshot(world.table)
    assert set(found.relations) == {(ben.member_id, cy.member_id), (cy.member_id, ada.member_id)}
    assert set(found.mirrors) == {(ben.member_id, cy.member_id)}
    assert found.relations[cy.member_id, ada.member_id] == kept


@pytest.mark.parametrize("kind", [RelationKind.BLOCK, RelationKind.SNOOZE])
def test_r33_an_erasure_of_a_favorite_conflicts_with_a_later_block_or_snooze(
    moto_world: World, kind: RelationKind
) -> None:
    world, (ada, ben) = moto_world, moto_world.members("Ada", "Ben")
    world.favorite(ben, ada)
    change = RelationChange(ben.member_id, ada.member_id, world.says(ben, ada), NO_RELATION)
    world.say(ben, kind, ada, until=MONDAY + timedelta(days=1) if kind is RelationKind.SNOOZE else None)
    said = world.says(ben, ada)
    assert try_commit(world, WriteSet(erasure=Erasure(ada.member_id, favorites=(change,)))) is Conflict
    assert world.says(ben, ada) == said


@pytest.mark.parametrize("fault", [Fault.CONFLICT, Fault.THROTTLED, Fault.OVERLOADED])
def test_a_conflict_or_a_throttled_transaction_is_retried(world: World, faults: FaultProxy, fault: Fault) -> None:
    ada, ben = world.members("Ada", "Ben")
    faults.plan += [fault] * 3
    world.book(ada, NINE)
    faults.plan += [fault]
    world.book(ben, NINE)
    assert world.state(ada, NINE) == ("matched", "Ben")


def test_the_caller_is_busy_after_eight_conflicts_and_nothing_changes(world: World, faults: FaultProxy) -> None:
    ada = world.member("Ada")
    faults.plan += [Fault.CONFLICT] * 8
    with pytest.raises(Busy) as refusal:
        world.book(ada, NINE)
    assert refusal.value.detail == Busy.default_detail
    assert world.state(ada, NINE) == ("none", None)
    assert faults.plan == []


@pytest.mark.sampled(every=4)
@pytest.mark.parametrize("keyed", [None, KeyedRequest("key", "digest")])
@pytest.mark.parametrize(
    ("fault", "lost"),
    [
        (Fault.LOSE_RESPONSE, 1),
        (Fault.LOSE_RESPONSE, 4),
        (Fault.LOSE_REQUEST, 1),
        (Fault.LOSE_REQUEST, 4),
        (Fault.LOSE_REQUEST, 6),
    ],
)
def test_a_booking_whose_responses_are_lost_is_created_once(
    world: World, faults: FaultProxy, fault: Fault, lost: int, keyed: KeyedRequest | None
) -> None:
    """The client library retries after one loss. After four, the next read finds the operation in the day."""
    ada = world.member("Ada")
    faults.plan += [fault] * lost
    reply = world.reply(ada, BookingRequest(NINE), keyed)
    assert (reply.status, faults.plan) == (201, [])
    assert [booking.state for booking in world.day(ada, NINE).bookings] == [State.WAITING]


@pytest.mark.parametrize("lost", [1, 4])
def test_a_lock_whose_responses_are_lost_is_created_once_and_succeeds(
    world: World, faults: FaultProxy, lost: int
) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.favorite(cy, ada)
    world.book(ada, NINE)
    world.book(ben, NINE)
    faults.plan += [Fault.LOSE_RESPONSE] * lost
    assert world.reply(cy, BookingRequest(NINE, lock_with=ada.member_id)).status == 201
    assert world.state(ada, NINE) == ("locked_in", "Cy")


def test_r17_a_cancellation_whose_responses_are_lost_has_one_effect(world: World, faults: FaultProxy) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    session = world.book(ben, NINE)
    faults.plan += [Fault.LOSE_RESPONSE] * 4
    world.cancel(ben, session)
    assert world.state(ada, NINE) == ("waiting", None)


def test_a_first_call_whose_responses_are_lost_creates_one_profile(world: World, faults: FaultProxy) -> None:
    faults.plan += [Fault.LOSE_RESPONSE] * 4
    ada: Profile = world.member("Ada")
    assert reads.profile(world.table, ada.member_id) == ada


def before_the_retry(world: World, faults: FaultProxy, fault: Fault, change: Callable[[], object]) -> None:
    """Plan the fault for every sending of the next transaction, and a change before its retry."""
    faults.plan += [fault] * 4
    changes = [change]
    world.context.pause = lambda _seconds: changes.pop()() if changes else None


def test_an_own_booking_cancelled_before_the_retry_is_not_created_again(world: World, faults: FaultProxy) -> None:
    ada = world.member("Ada")
    before_the_retry(world, faults, Fault.LOSE_RESPONSE, lambda: world.cancel(ada, world.seen(ada, NINE)))
    reply = world.reply(ada, BookingRequest(NINE))
    assert (reply.status, json.loads(reply.body)["session"]["state"]) == (201, "cancelled")
    assert [booking.state for booking in world.day(ada, NINE).bookings] == [State.CANCELLED]


def test_an_own_booking_replaced_before_the_retry_stays_replaced(world: World, faults: FaultProxy) -> None:
    ada = world.member("Ada")
    before_the_retry(world, faults, Fault.LOSE_RESPONSE, lambda: world.book(ada, at(1.5), replace=True))
    assert world.reply(ada, BookingRequest(NINE, replace=True)).status == 201
    assert world.state(ada, at(1.5)) == ("waiting", None)


def test_a_lock_that_reused_a_booking_is_found_by_its_slot(world: World, faults: FaultProxy) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ada, ben)
    world.book(ben, NINE)
    mine = world.book(ada, NINE)
    before_the_retry(world, faults, Fault.LOSE_RESPONSE, lambda: world.cancel(ada, mine))
    reply = world.reply(ada, BookingRequest(NINE, lock_with=ben.member_id))
    assert (reply.status, json.loads(reply.body)["session"]["sessionId"]) == (201, mine["sessionId"])
    assert world.state(ben, NINE) == ("waiting", None)


def test_r30_a_booking_committed_before_the_start_succeeds_after_it(world: World, faults: FaultProxy) -> None:
    ada = world.member("Ada")
    world.now = NINE.start - timedelta(seconds=1)
    before_the_retry(world, faults, Fault.LOSE_RESPONSE, lambda: world.after(seconds=1))
    assert world.reply(ada, BookingRequest(NINE)).status == 201


def test_a_refusal_after_a_lost_response_reports_an_unknown_outcome(world: World, faults: FaultProxy) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ada, ben)
    world.book(ben, NINE)
    before_the_retry(world, faults, Fault.LOSE_REQUEST, lambda: world.set(ben, availability=Availability.NO_ONE))
    with pytest.raises(Busy) as refusal:
        world.lock(ada, ben, NINE)
    assert refusal.value.detail == OUTCOME_UNKNOWN_DETAIL


def test_each_read_on_which_a_decision_rests_is_strongly_consistent(world: World) -> None:
    requests: list[tuple[str, bool, bool]] = []

    def listen(model: Any, params: Any, **_rest: Any) -> None:
        body = json.loads(params["body"])
        strong = body.get("ConsistentRead") or any(
            table.get("ConsistentRead") for table in body.get("RequestItems", {}).values()
        )
        requests.append((model.name, bool(strong), POOL in params["body"].decode()))

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
    read_requests = [entry for entry in requests if entry[0] not in WRITES]
    assert {name for name, _, _ in read_requests} == {"BatchGetItem", "GetItem", "Query"}
    # Each booking reads the queue once eventually consistent, and then the days of its members strongly consistent.
    # The schedules read queues strongly consistent.
    weak = [(name, pool) for name, strong, pool in read_requests if not strong]
    assert weak == [("Query", True)] * 2
    assert [entry for entry in read_requests if entry == ("Query", True, True)] != []
