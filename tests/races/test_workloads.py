"""Concurrent use cases on threads, with true responses and no violated invariant."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from random import Random
from typing import Any

import pytest

from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.decisions.write_set import SETTLE
from chalicelib.domain.model.errors import Refusal
from chalicelib.domain.model.ids import token_digest
from chalicelib.domain.model.member import RelationKind
from chalicelib.services.bookings.book import KeyedRequest
from chalicelib.services.jobs import run_jobs
from tests.harness import World, at
from tests.repeat_run import bookings
from tests.staff_acts import lift, suspend

NINE = at(1)
THREADS = 12
# Slots that overlap in every way, of which two pass midnight.
SLOTS = [at(1), at(1, minutes=25), at(1.5), at(1.75, minutes=75), at(15.5), at(16, minutes=25)]


@pytest.fixture
def patient(world: World) -> World:
    """The world with real backoff."""
    world.context.pause = threading.Event().wait
    return world


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """Run the calls on threads that start together, and return each result or the code of its refusal."""
    together = threading.Barrier(min(THREADS, len(calls)), timeout=30)
    started = threading.local()

    def run(call: Callable[[], Any]) -> Any:
        if not getattr(started, "yes", False):
            started.yes = True
            together.wait()
        try:
            return call()
        except Refusal as refusal:
            return refusal.code

    with ThreadPoolExecutor(min(THREADS, len(calls))) as threads:
        return list(threads.map(run, calls))


def test_r14_one_of_fifty_concurrent_locks_of_a_target_succeeds(patient: World) -> None:
    world = patient
    target = world.member("Target")
    bookers = [world.member(f"Member {n}") for n in range(50)]
    world.relate(((booker, target) for booker in bookers), favorite=True)
    world.book(target, NINE)
    mine = {booker.member_id: world.book(booker, at(3)) for booker in bookers}
    booking_request = BookingRequest(NINE, lock_with=target.member_id)
    results = at_once([lambda booker=booker: world.reply(booker, booking_request).status for booker in bookers])
    assert Counter(results) == {201: 1, "not_available": 49}
    for booker, result in zip(bookers, results, strict=True):
        assert world.state(booker, NINE) == (("locked_in", "Target") if result == 201 else ("none", None))
        assert world.session(booker, mine[booker.member_id])["state"] == "matched"


@pytest.mark.long  # Fifty threads.
def test_r29_one_of_fifty_guests_gets_the_only_use_of_a_link(patient: World) -> None:
    world = patient
    owner = world.member("Owner")
    slots = [at(1 + 24 * n) for n in range(5)]
    for slot in slots:
        world.book(owner, slot)
    guests = [world.member(f"Guest {n}") for n in range(50)]
    invite = token_digest(world.invite(owner, max_uses=1))
    wanted = [(guest, slots[n % len(slots)]) for n, guest in enumerate(guests)]
    results = at_once(
        [
            lambda guest=guest, slot=slot: world.reply(guest, BookingRequest(slot, invite=invite)).status
            for guest, slot in wanted
        ]
    )
    assert Counter(results) == {201: 1, "invite_unavailable": 49}
    assert [link.uses for link in world.links(owner)] == [1]
    for (guest, slot), result in zip(wanted, results, strict=True):
        assert world.state(guest, slot) == (("locked_in", "Owner") if result == 201 else ("none", None))


@pytest.mark.long  # Twelve threads, six times.
@pytest.mark.parametrize("round_number", range(6))
def test_r47_a_suspension_among_bookings_locks_and_links_leaves_nothing_ahead(
    patient: World, round_number: int
) -> None:
    world = patient
    target, *others = world.members("Target", "Ada", "Ben", "Cy", "Dee")
    for other in others:
        world.favorite(other, target)
        world.favorite(target, other)
    first, second, third = at(1), at(3), at(27)
    link = token_digest(world.invite(target))
    # A slot of the target, an empty day and a day that does not exist.
    world.book(target, first)
    world.cancel(target, world.book(target, at(30)))
    for other in others:
        world.book(other, second)
    calls: list[Callable[[], Any]] = [
        lambda: suspend(world, target),
        lambda: world.reply(target, BookingRequest(second)).status,
        lambda: world.reply(target, BookingRequest(third)).status,
        lambda: world.reply(target, BookingRequest(at(60))).status,
        lambda: world.reply(target, BookingRequest(second, lock_with=others[0].member_id)).status,
        *(
            lambda other=other: world.reply(other, BookingRequest(first, lock_with=target.member_id)).status
            for other in others[:2]
        ),
        lambda: world.reply(others[2], BookingRequest(first, invite=link)).status,
        lambda: world.reply(others[3], BookingRequest(first)).status,
        lambda: lift(world, others[3]),
    ]
    Random(round_number).shuffle(calls)
    results = at_once(calls)
    assert set(results) <= {None, 200, 201, "not_available", "suspended", "time_conflict", "busy"}
    world.now += SETTLE
    run_jobs(world.context)
    assert bookings(world, target) == []
    for other in others:
        partners = {one.partner.member_id for one in bookings(world, other) if one.partner}
        assert target.member_id not in partners
    world.check()


def test_r14_two_members_who_lock_each_other_concurrently_both_succeed(patient: World) -> None:
    world = patient
    for hour in range(1, 9):
        ada, ben = world.members("Ada", "Ben")
        world.favorite(ada, ben)
        world.favorite(ben, ada)
        for member in (ada, ben):
            world.book(member, at(hour))
        lock_requests = [(ada, ben), (ben, ada)]
        results = at_once(
            [
                lambda a=a, b=b, hour=hour: world.reply(a, BookingRequest(at(hour), lock_with=b.member_id)).status
                for a, b in lock_requests
            ]
        )
        assert set(results) <= {200, 201}
        assert world.state(ada, at(hour)) == ("locked_in", "Ben")


def test_twenty_equal_requests_with_one_key_make_one_booking_and_get_equal_responses(patient: World) -> None:
    world = patient
    ada = world.member("Ada")
    results = at_once([lambda: world.reply(ada, BookingRequest(NINE), KeyedRequest("key", "digest"))] * 20)
    assert results == [results[0]] * 20
    assert results[0].status == 201
    assert len(world.day(ada, NINE).bookings) == 1


def test_r3_one_member_never_gets_two_overlapping_bookings(patient: World) -> None:
    world = patient
    ada = world.member("Ada")
    slots = [at(15 + quarter / 4, minutes=minutes) for quarter in range(8) for minutes in (25, 50, 75)]
    results = at_once([lambda slot=slot: world.reply(ada, BookingRequest(slot)).status for slot in slots])
    assert set(results) == {201, "time_conflict"}
    booked = [slot for slot in slots if world.state(ada, slot)[0] == "waiting"]
    assert [slot for slot, result in zip(slots, results, strict=True) if result == 201] == booked


@pytest.mark.long  # Forty threads.
def test_r20_forty_members_who_book_one_slot_concurrently_are_all_paired(patient: World) -> None:
    world = patient
    members = [world.member(f"Member {n}") for n in range(40)]
    results = at_once([lambda member=member: world.reply(member, BookingRequest(NINE)).status for member in members])
    assert results == [201] * 40
    world.deliver()
    assert [world.state(member, NINE)[0] for member in members] == ["matched"] * 40


@pytest.mark.long  # Dozens of concurrent random operations.
def test_r19_random_concurrent_operations_end_without_a_violation(patient: World, random_workloads: int) -> None:
    """Run random operations, stream deliveries and schedules on threads, and then deliver the stream twice."""
    for seed in range(random_workloads):
        rng = Random(seed)
        patient.clear()
        members = [patient.member(f"Member {n}") for n in range(8)]
        patient.relate(permutations(members, 2), favorite=True)
        results = at_once([random_call(patient, members, Random(rng.random())) for _ in range(120)])
        assert set(results) <= {None, 200, 201, "not_available", "time_conflict"}, f"seed {seed}"
        patient.check()
        patient.deliver(times=2)
        patient.tick()
        patient.check()
        assert_no_two_waiting_members_could_be_paired(patient, members)


def random_call(world: World, members: list[Any], rng: Random) -> Callable[[], Any]:
    """Draw one operation of one member."""
    member, other = rng.sample(members, 2)
    slot = rng.choice(SLOTS)
    replace = rng.random() < 0.3

    def cancel() -> None:
        session = world.seen(member, slot)
        if session:
            world.cancel(member, session)

    operations: list[tuple[int, Callable[[], Any]]] = [
        (5, lambda: world.reply(member, BookingRequest(slot, replace=replace)).status),
        (4, lambda: world.reply(member, BookingRequest(slot, lock_with=other.member_id, replace=replace)).status),
        (3, cancel),
        (1, lambda: world.say(member, RelationKind.BLOCK, other)),
        (1, lambda: world.take_back(member, RelationKind.BLOCK, other)),
        (1, world.deliver),
        (1, world.tick),
    ]
    weights, calls = zip(*operations, strict=True)
    return rng.choices(calls, weights)[0]


def assert_no_two_waiting_members_could_be_paired(world: World, members: list[Any]) -> None:
    """Assert that every two waiting members of a slot are blocked, or that one cancelled on the other there."""
    for slot in SLOTS:
        waiting = [member for member in members if world.state(member, slot)[0] == "waiting"]
        for one in waiting:
            for other in waiting:
                if one is other:
                    continue
                apart = world.says(one, other).blocked or world.says(other, one).blocked
                cancelled = world.day(one, slot).was_cancelled_by(slot, other.member_id)
                cancelled |= world.day(other, slot).was_cancelled_by(slot, one.member_id)
                assert apart or cancelled, (slot, one.name, other.name)
