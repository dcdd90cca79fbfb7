"""The reads of a booking, each with its order and its parallel requests (R1, R11, R12, R14, R28, R33, R36)."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import combinations
from threading import Barrier
from typing import Any

import pytest
from msgspec.structs import replace

from bench.request_units import CountedRequest, RequestUnitLedger
from chalicelib.domain.decisions.booking_facts import (
    BookerFacts,
    BookingFacts,
    ExistingFacts,
    SecondLook,
    WaitingMemberFacts,
)
from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.decisions.queue_rows import WaitingRow
from chalicelib.domain.decisions.queue_view import PAGE, QueueView
from chalicelib.domain.decisions.write_set import QueueShardsOpened
from chalicelib.domain.model.booking import Booking, PartnerPreference, QueuePosition, State
from chalicelib.domain.model.day import Day, DayKey, Days
from chalicelib.domain.model.errors import NotAvailable, Refusal, TimeConflict
from chalicelib.domain.model.ids import token_digest
from chalicelib.domain.model.limits import versioned_limit_of_failed_links
from chalicelib.domain.model.member import PairRelations, Profile
from chalicelib.domain.model.slot import Slot
from chalicelib.services.bookings.book import KeyedRequest
from chalicelib.storage import booking_reads, keys, read_plan, reads
from chalicelib.storage.booking_reads import Shards
from chalicelib.storage.connection import Table
from chalicelib.storage.keys import Key
from chalicelib.storage.mappers import queue_shards_item, row_item
from chalicelib.storage.read_plan import Plan, read_alone, read_beside
from chalicelib.version import FORMER_SCHEMA
from infra.simulation.interleaver import InlineExecutor
from tests.batches import save
from tests.harness import MONDAY, World, at

NINE, LATER = at(1), at(2)
TODAY = NINE.date
ONE_SHARD = Shards(1, {1: 0}.__getitem__)


@pytest.fixture
def ledger(world: World) -> RequestUnitLedger:
    """The requests of a test inside `with`."""
    return RequestUnitLedger(world.table.connection.client)


def wanted(request: CountedRequest) -> set[Any]:
    """Return the keys of the items that a request reads, or the partition of a query."""
    assert not request.writes
    return {access.key.pk if request.operation == "Query" else Key(*access.key) for access in request.accesses}


def in_order(ledger: RequestUnitLedger) -> list[set[Any]]:
    """Return what each request reads, in the order of the requests."""
    return [wanted(request) for request in ledger.requests]


def relation_keys(one: Profile, other: Profile) -> set[Key]:
    """Return the keys of the pair relations of two members."""
    ids = (one.member_id, other.member_id)
    return {*map(keys.profile, ids), keys.about(*ids), keys.about(*ids[::-1])}


def day_keys(*members: Profile) -> set[Key]:
    """Return the keys of the members' days of the slot."""
    return {keys.day(member.member_id, TODAY) for member in members}


def by_key(days: Days) -> dict[DayKey, Day]:
    return {day.key: day for day in days}


def days_of(world: World, *members: Profile) -> Days:
    """Return the members' stored days of the slot."""
    return Days(world.day(member, NINE) for member in members)


def held_by(world: World, member: Profile, slot: Slot = NINE) -> Booking:
    """Return the member's active booking of a slot."""
    booking = world.day(member, slot).holding(slot)
    assert booking is not None
    return booking


def relations_of(world: World, one: Profile, other: Profile) -> PairRelations:
    return PairRelations(one, other, world.says(one, other), world.says(other, one))


def facts_of(world: World, member: Profile, request: BookingRequest, key: str | None = None) -> BookingFacts:
    """Return the facts of a request after the first reads."""
    return BookingFacts(member, request, BookerFacts(days_of(world, member)), key)


@contextmanager
def all_in_flight(world: World, number: int) -> Iterator[None]:
    """Send no request before this number of requests is in flight, and fail if that never happens."""
    barrier = Barrier(number, timeout=5)
    events = world.table.connection.client.meta.events

    def wait(**_call: Any) -> None:
        barrier.wait()

    events.register("before-call.dynamodb", wait)
    try:
        yield
    finally:
        events.unregister("before-call.dynamodb", wait)


def test_r16_the_bookers_days_are_read_in_one_query_up_to_the_last_one_written(
    world: World, ledger: RequestUnitLedger
) -> None:
    ada = world.member("Ada")
    last = at(24 * 20)
    for slot in (NINE, last):
        world.book(ada, slot)
    with ledger:
        found = booking_reads.booker_facts(world.table, ada.member_id, TODAY, TODAY + timedelta(days=1))
    assert in_order(ledger) == [{keys.member(ada.member_id)}]
    empty = Day(ada.member_id, TODAY + timedelta(days=1))
    assert by_key(found.days) == {day.key: day for day in (world.day(ada, NINE), empty, world.day(ada, last))}
    assert found == BookerFacts(found.days)


def test_r36_near_the_limit_the_first_read_finds_the_versioned_limit(world: World, ledger: RequestUnitLedger) -> None:
    world.allow(bookings=2)
    ada = world.member("Ada")
    world.book(ada, NINE)
    with ledger:
        found = booking_reads.booker_facts(world.table, ada.member_id, TODAY, TODAY)
    assert in_order(ledger) == [{keys.member(ada.member_id)}]
    assert found == BookerFacts(found.days, has_limit=True)
    assert found.days[ada.member_id, TODAY] == world.day(ada, NINE)


@pytest.mark.parametrize(
    "named", [["invite"], ["key"], ["failed_links"], ["invite", "key"], ["invite", "key", "failed_links"]]
)
def test_r33_r36_each_named_item_is_read_in_parallel_with_the_days(
    world: World, ledger: RequestUnitLedger, named: Sequence[str]
) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.reply(ada, BookingRequest(NINE), KeyedRequest("key", "digest"))
    invite = token_digest(world.invite(ben))
    tries = versioned_limit_of_failed_links(ada.member_id, world.now)
    arguments = {"invite": invite, "key": "key", "failed_links": tries}
    items = {
        "invite": keys.invite(invite),
        "key": keys.recorded_response(ada.member_id, "key"),
        "failed_links": keys.versioned_limit(ada.member_id, tries.name),
    }
    (link,) = world.links(ben)
    recorded = reads.recorded_response(world.table, ada.member_id, "key")
    assert recorded is not None
    results: dict[str, tuple[str, Any]] = {
        "invite": ("link", link),
        "key": ("recorded", recorded),
        "failed_links": ("failed_links", tries),
    }
    chosen: dict[str, Any] = {name: arguments[name] for name in named}
    with ledger, all_in_flight(world, len(named) + 1):
        found = booking_reads.booker_facts(world.table, ada.member_id, TODAY, TODAY, **chosen)
    assert found == BookerFacts(found.days, **dict(results[name] for name in named))
    assert by_key(found.days) == by_key(days_of(world, ada))
    assert set().union(*in_order(ledger)) == {keys.member(ada.member_id), *(items[name] for name in named)}
    assert len(ledger.requests) == len(named) + 1


def test_r14_a_read_beside_the_days_begins_with_them_and_answers_the_plan_once(
    world: World, ledger: RequestUnitLedger
) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ben, NINE)
    key = (ben.member_id, TODAY)

    def booker() -> BookerFacts:
        return booking_reads.booker_facts(world.table, ada.member_id, TODAY, TODAY)

    def twice() -> Plan[list[Days]]:
        return [(yield from read_plan.days([key])), (yield from read_plan.days([key]))]

    with ledger, all_in_flight(world, 2):
        begun, found = read_beside(world.table, read_plan.days_read([key]), booker)
    assert found == BookerFacts(found.days)
    with ledger:
        first, second = read_alone(world.table, twice(), begun)
    assert in_order(ledger)[2:] == [day_keys(ben)]
    assert by_key(first) == by_key(second) == by_key(days_of(world, ben))


def is_possible(_facts: BookingFacts) -> None:
    """Judge that a lock is possible."""


def refuse(refusal: Refusal) -> Callable[[BookingFacts], Refusal]:
    """Return a judgement that is always the same refusal."""
    return lambda _facts: refusal


def test_r1_for_a_lock_the_targets_day_is_read_before_the_relations(world: World, ledger: RequestUnitLedger) -> None:
    """Cy, the partner of a booking that is replaced, is read with the relations."""
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.favorite(ada, ben)
    for member in (ada, cy):
        world.book(member, LATER)
    world.book(ben, NINE)
    facts = facts_of(world, ada, BookingRequest(NINE, lock_with=ben.member_id, replace=True))
    replaced, judged = held_by(world, ada, LATER), []

    def judge(found: BookingFacts) -> None:
        judged.append(found.target)

    with ledger:
        found = read_alone(world.table, booking_reads.target_facts(facts, [replaced], judge)).target
    assert in_order(ledger) == [day_keys(ben), relation_keys(ada, ben) | day_keys(cy, ben)]
    assert found
    assert by_key(found.days).items() >= by_key(days_of(world, ada, ben, cy)).items()
    assert (found.relations, found.displaced_relations) == (relations_of(world, ada, ben), None)
    assert [target and target.relations for target in judged] == [found.relations]


@pytest.mark.parametrize(
    "paired", [["Ben", "Dee"], ["Ada", "Cy", "Ben", "Dee"], ["Ada", "Cy", "Ben"]], ids=["one", "two", "the booker's"]
)
def test_r12_the_relations_of_displaced_members_are_read_beside_their_days(
    world: World, ledger: RequestUnitLedger, paired: Sequence[str]
) -> None:
    """If only the booker's partner is displaced, the target takes the place of the other (R11)."""
    members = {name: world.member(name) for name in ("Ada", "Ben", "Cy", "Dee")}
    ada, ben, cy, dee = members.values()
    for name in paired:
        world.book(members[name], NINE)
    facts = facts_of(world, ada, BookingRequest(NINE, lock_with=ben.member_id))
    displaced = [member for member in (cy, dee) if member.name in paired]
    with ledger:
        found = read_alone(world.table, booking_reads.target_facts(facts, [], is_possible)).target
    last = dee if dee in displaced else ben
    beside = [relation_keys(cy, last)] if cy in displaced else []
    read = in_order(ledger)
    assert read[0] == day_keys(ben)
    # Parallel reads arrive in any order.
    at_once = [relation_keys(ada, ben) | day_keys(*displaced, last), *beside]
    assert sorted(map(sorted, read[1:])) == sorted(map(sorted, at_once))
    assert found
    assert by_key(found.days) == by_key(days_of(world, ada, ben, *displaced))
    assert found.displaced_relations == (relations_of(world, cy, dee) if len(displaced) == 2 else None)


@pytest.mark.parametrize("matched", [False, True])
def test_r11_a_refused_lock_reads_one_day_beside_the_relations_and_the_target_again(
    world: World, ledger: RequestUnitLedger, matched: bool
) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    for member in (ben, cy)[: 1 + matched]:
        world.book(member, NINE)
    facts = facts_of(world, ada, BookingRequest(NINE, lock_with=ben.member_id))
    with ledger:
        found = read_alone(world.table, booking_reads.target_facts(facts, [], refuse(NotAvailable())))
    beside = day_keys(cy if matched else ben)
    assert in_order(ledger) == [day_keys(ben), relation_keys(ada, ben) | beside, day_keys(ben)]
    assert found.second_look == SecondLook(held_by(world, ben))


@pytest.mark.parametrize(
    ("refusal", "key", "read"),
    [
        (NotAvailable(), "key", ["day", "link", "response"]),
        (NotAvailable(), None, ["day", "link"]),
        (TimeConflict(), "key", ["response"]),
        (TimeConflict(), None, []),
    ],
)
def test_r14_r28_r33_before_a_refusal_the_day_the_link_and_the_response_are_read_again_in_this_order(
    world: World, ledger: RequestUnitLedger, refusal: Refusal, key: str | None, read: Sequence[str]
) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ben, NINE)
    world.reply(ada, BookingRequest(LATER), KeyedRequest("key", "digest"))
    invite = token_digest(world.invite(ben))
    facts = facts_of(world, ada, BookingRequest(NINE, lock_with=ben.member_id, invite=invite), key)
    with ledger:
        found = read_alone(world.table, booking_reads.with_second_look(facts, refusal))
    requests = {
        "day": day_keys(ben),
        "link": {keys.invite(invite)},
        "response": {keys.recorded_response(ada.member_id, "key")},
    }
    assert in_order(ledger) == [requests[name] for name in read]
    again = SecondLook(
        target=held_by(world, ben) if "day" in read else None,
        link=world.links(ben)[0] if "link" in read else None,
        recorded=reads.recorded_response(world.table, ada.member_id, "key") if "response" in read else None,
    )
    assert found == replace(facts, second_look=again)


def waiting_together(world: World, *members: Profile) -> None:
    """Book the slot for each member without a match, and let every two of them meet afterwards."""
    world.relate(combinations(members, 2), blocked=True)
    for member in members:
        world.after(seconds=1).book(member, NINE)
    world.relate(combinations(members, 2))


def row(world: World, member: Profile) -> WaitingRow:
    """Return the row of a member who waits in the first queue shard."""
    position = held_by(world, member).queue_position
    assert position is not None
    return WaitingRow(NINE, position, member.member_id)


def includes(member: Profile) -> booking_reads.Fits:
    """Return a condition that holds on the page of this member."""
    return lambda relations, _days: member in [each.other for each in relations]


def at_once(requests: Sequence[set[Key]]) -> list[set[Key]]:
    """Return the keys of each two requests together. They are parallel, so their order is free."""
    return [one | other for one, other in zip(requests[::2], requests[1::2], strict=True)]


def test_r1_the_days_of_a_page_are_read_beside_its_relations_until_a_member_is_compatible(
    world: World, ledger: RequestUnitLedger
) -> None:
    """The row of the booking itself is left out, and the last page is not read."""
    ada, ben, cy, dee, eve = members = world.members("Ada", "Ben", "Cy", "Dee", "Eve")
    waiting_together(world, *members)
    booking, own = held_by(world, ada), days_of(world, ada)
    pages = [[row(world, one) for one in page] for page in ([ada], [ben], [ada, cy, dee], [eve])]
    with ledger:
        found = read_alone(world.table, booking_reads.waiting_members(booking, own, pages, includes(dee)))
    of_page = relation_keys(ada, cy) | relation_keys(ada, dee)
    assert at_once(in_order(ledger)) == [day_keys(ben) | relation_keys(ada, ben), day_keys(cy, dee) | of_page]
    # A strongly consistent read of a small item costs one unit, an eventually consistent one half a unit.
    assert [request.read_units for request in ledger.requests] == [len(read) for read in in_order(ledger)]
    assert by_key(found.days) == by_key(days_of(world, ada, cy, dee))
    assert found.relations == [relations_of(world, ada, other) for other in (cy, dee)]


def test_r1_days_are_read_before_relations_while_the_former_release_runs(world: World) -> None:
    """Its bumps of versions store no instant."""
    ada, ben = members = world.members("Ada", "Ben")
    waiting_together(world, *members)
    booking, own, pages = held_by(world, ada), days_of(world, ada), [[row(world, ben)]]
    settings = world.settings
    former = Table(settings.table, region=settings.region, endpoint=settings.endpoint, schema=FORMER_SCHEMA)
    # A read that begins beside another one is then complete first.
    former.parallel = lambda _number: InlineExecutor()
    with RequestUnitLedger(former.connection.client) as ledger:
        read_alone(former, booking_reads.waiting_members(booking, own, pages, includes(ben)))
    assert in_order(ledger) == [day_keys(ben), relation_keys(ada, ben)]


def test_r1_days_of_displaced_members_are_read_before_relations_while_the_former_release_runs(world: World) -> None:
    ada, ben, cy, dee = world.members("Ada", "Ben", "Cy", "Dee")
    for member in (ada, cy, ben, dee):
        world.book(member, NINE)
    facts, settings = facts_of(world, ada, BookingRequest(NINE, lock_with=ben.member_id)), world.settings
    former = Table(settings.table, region=settings.region, endpoint=settings.endpoint, schema=FORMER_SCHEMA)
    former.parallel = lambda _number: InlineExecutor()
    with RequestUnitLedger(former.connection.client) as ledger:
        read_alone(former, booking_reads.target_facts(facts, [], is_possible))
    beside = relation_keys(ada, ben) | day_keys(cy, dee)
    assert in_order(ledger) == [day_keys(ben), beside, relation_keys(cy, dee)]


def test_r10_a_named_member_is_read_first_and_once(world: World, ledger: RequestUnitLedger) -> None:
    ada, ben, cy = members = world.members("Ada", "Ben", "Cy")
    waiting_together(world, *members)
    booking = replace(held_by(world, ada), preference=PartnerPreference(named=cy.member_id))
    pages = [[row(world, ben), row(world, cy)], [row(world, cy)]]
    own, judged = days_of(world, ada), []

    def fits(relations: Sequence[PairRelations], _days: Days) -> bool:
        judged.append([each.other for each in relations])
        return False

    with ledger:
        found = read_alone(world.table, booking_reads.waiting_members(booking, own, pages, fits))
    assert judged == [[cy, ben], []]
    read = day_keys(ben, cy) | relation_keys(ada, ben) | relation_keys(ada, cy)
    assert at_once(in_order(ledger)) == [read]
    assert (by_key(found.days), found.relations) == (by_key(days_of(world, ada)), ())


def test_r10_a_booking_that_names_its_own_member_reads_no_candidate(world: World, ledger: RequestUnitLedger) -> None:
    ada = world.member("Ada")
    world.book(ada, NINE)
    booking = replace(held_by(world, ada), preference=PartnerPreference(named=ada.member_id))
    own, pages = days_of(world, ada), [[row(world, ada)]]
    with ledger:
        read_alone(world.table, booking_reads.waiting_members(booking, own, pages, includes(ada)))
    assert in_order(ledger) == []


def random_booking(world: World, member: Profile) -> tuple[BookingFacts, Booking]:
    """Return the facts of a request for a random partner, and its booking, which is not stored."""
    queue_position = QueuePosition(displaced=False, since=world.now)
    booking = Booking("new", member.member_id, NINE, world.now, State.WAITING, queue_position=queue_position)
    return facts_of(world, member, BookingRequest(NINE)), booking


def test_r1_for_a_random_booking_the_queue_is_read_before_the_candidates(
    world: World, ledger: RequestUnitLedger
) -> None:
    """Cy, the partner of a booking that is replaced, is read last. Decisions read the queue's members again."""
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    for member in (ada, cy):
        world.book(member, LATER)
    world.book(ben, NINE)
    (facts, booking), replaced, waiting = random_booking(world, ada), held_by(world, ada, LATER), row(world, ben)
    with ledger:
        found = read_alone(
            world.table, booking_reads.waiting_member_facts(facts, booking, [replaced], includes(ben), ONE_SHARD)
        )
    queue, *candidate, replaced_days = in_order(ledger)
    assert (queue, replaced_days) == ({keys.pool_of(NINE, 0)}, day_keys(cy))
    assert at_once(candidate) == [day_keys(ben) | relation_keys(ada, ben)]
    assert sorted(request.read_units for request in ledger.requests) == [0.5, 1, 1, 4]
    assert found.waiting_members
    assert by_key(found.waiting_members.days) == by_key(days_of(world, ada, ben, cy))
    expected = WaitingMemberFacts(
        found.waiting_members.days,
        QueueView(0, 1, [waiting]),
        relations=[relations_of(world, ada, ben)],
    )
    assert found == replace(facts, waiting_members=expected)


@pytest.mark.parametrize("searches", [False, True])
def test_r33_without_a_candidate_the_bookers_account_is_read_last(
    world: World, ledger: RequestUnitLedger, searches: bool
) -> None:
    """A booking that searches no partner reads no candidate. The relations of a candidate have the account."""
    ada, ben = world.members("Ada", "Ben")
    world.book(ben, NINE)
    (facts, booking), waiting = random_booking(world, ada), row(world, ben)
    fits = includes(ada) if searches else None
    with ledger:
        found = read_alone(world.table, booking_reads.waiting_member_facts(facts, booking, [], fits, ONE_SHARD))
    queue, *others = in_order(ledger)
    assert queue == {keys.pool_of(NINE, 0)}
    assert set().union(*others) == (
        day_keys(ben) | relation_keys(ada, ben) if searches else {keys.profile(ada.member_id)}
    )
    assert found.waiting_members
    assert by_key(found.waiting_members.days) == by_key(days_of(world, ada))
    expected = WaitingMemberFacts(
        found.waiting_members.days, QueueView(0, 1, [waiting]), contended=not searches, account=ada
    )
    assert found == replace(facts, waiting_members=expected)


@pytest.fixture
def queue(world: World) -> Iterator[World]:
    """A deployment for rows without days, whose slot has four queue shards with two rows each, and shard 3 ten."""
    save(world.table, [queue_shards_item(QueueShardsOpened(NINE, 1, 4), queue_shard) for queue_shard in range(4)])
    save(world.table, [row_item(row) for queue_shard in range(4) for row in rows_in(queue_shard)])
    yield world
    world.clear()


def rows_in(queue_shard: int) -> list[WaitingRow]:
    number = PAGE + 2 if queue_shard == 3 else 2
    since = [MONDAY - timedelta(minutes=number - minute) for minute in range(number)]
    positions = [QueuePosition(displaced=False, since=instant) for instant in since]
    return [WaitingRow(NINE, position, f"{n:02}", queue_shard) for n, position in enumerate(positions)]


@pytest.mark.parametrize(("known", "draws", "read"), [(4, {4: 2}, [2]), (1, {4: 2}, [0, 2]), (64, {64: 50}, [50, 0])])
def test_r20_one_random_queue_shard_is_read_and_another_if_the_number_of_shards_has_changed(
    queue: World, ledger: RequestUnitLedger, known: int, draws: dict[int, int], read: Sequence[int]
) -> None:
    """A shard that does not exist has no number of shards, so the first shard follows."""
    facts, booking = random_booking(queue, queue.member("Ada"))
    with ledger:
        shards = Shards(known, draws.__getitem__)
        found = read_alone(queue.table, booking_reads.waiting_member_facts(facts, booking, [], None, shards))
    assert found.waiting_members
    assert found.waiting_members.queue == QueueView(read[-1], 4, rows_in(read[-1]))
    assert in_order(ledger)[:-1] == [{keys.pool_of(NINE, queue_shard)} for queue_shard in read]


def test_r20_behind_a_full_page_the_last_rows_are_read_from_the_end(queue: World, ledger: RequestUnitLedger) -> None:
    facts, booking = random_booking(queue, queue.member("Ada"))
    rows = rows_in(3)
    with ledger:
        found = read_alone(
            queue.table, booking_reads.waiting_member_facts(facts, booking, [], None, Shards(4, {4: 3}.__getitem__))
        )
    assert found.waiting_members
    assert found.waiting_members.queue == QueueView(3, 4, rows[:PAGE], rows[: -PAGE - 1 : -1])
    assert in_order(ledger)[:-1] == [{keys.pool_of(NINE, 3)}] * 2


@pytest.mark.parametrize("changes", [True, False])
@pytest.mark.parametrize("key", ["key", None])
def test_r33_r34_for_an_existing_booking_the_partner_and_the_changed_day_are_read(
    world: World, ledger: RequestUnitLedger, changes: bool, key: str | None
) -> None:
    ada, ben = world.members("Ada", "Ben")
    for member in (ada, ben):
        world.book(member, NINE)
    world.favorite(ada, ben)
    facts, booking = facts_of(world, ada, BookingRequest(NINE), key), held_by(world, ada)
    with ledger:
        found = read_alone(world.table, booking_reads.existing_facts(facts, booking, changes=changes)).existing_facts
    shown = {keys.profile(ben.member_id), keys.about(ada.member_id, ben.member_id)}
    # Without a change nothing is written, so the recorded response is read again at the end.
    recorded = [{keys.recorded_response(ada.member_id, key)}] if key and not changes else []
    assert in_order(ledger) == [*([day_keys(ben)] if changes else []), shown, *recorded]
    assert found
    assert by_key(found.days) == (by_key(days_of(world, ben)) if changes else {})
    assert found == ExistingFacts(found.days, partner=ben, is_favorite=True)


def test_r33_for_an_existing_waiting_booking_no_item_is_read(world: World, ledger: RequestUnitLedger) -> None:
    ada = world.member("Ada")
    world.book(ada, NINE)
    facts, booking = facts_of(world, ada, BookingRequest(NINE), "key"), held_by(world, ada)
    with ledger:
        read_alone(world.table, booking_reads.existing_facts(facts, booking, changes=True))
        replayed = read_alone(world.table, booking_reads.replay_facts(facts, booking))
    assert ledger.requests == []
    assert replayed.existing_facts
    assert (list(replayed.existing_facts.days), replayed.existing_facts.partner) == ([], None)


def test_r33_for_a_recorded_response_only_the_partners_account_is_read(world: World, ledger: RequestUnitLedger) -> None:
    ada, ben = world.members("Ada", "Ben")
    for member in (ada, ben):
        world.book(member, NINE)
    facts, booking = facts_of(world, ada, BookingRequest(NINE), "key"), held_by(world, ada)
    with ledger:
        found = read_alone(world.table, booking_reads.replay_facts(facts, booking)).existing_facts
    assert in_order(ledger) == [{keys.profile(ben.member_id)}]
    assert found
    assert found == ExistingFacts(found.days, partner=ben)
