"""Many at once, on threads: what everybody is told is true, and the invariants hold."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from random import Random
from typing import Any

import pytest

from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.model.errors import Refusal
from chalicelib.domain.model.ids import token_digest
from chalicelib.domain.model.member import RelationKind
from chalicelib.services.bookings.book import KeyedRequest
from tests.harness import World, at

NINE = at(1)
THREADS = 12
# They overlap in every way, and two of them pass midnight.
SLOTS = [at(1), at(1, minutes=25), at(1.5), at(1.75, minutes=75), at(15.5), at(16, minutes=25)]


@pytest.fixture
def patient(world: World) -> World:
    """The world, with pauses that are real: threads that lost a race wait a little."""
    world.context.pause = threading.Event().wait
    return world


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """Make the calls on threads that start together; a refusal is an answer."""
    together = threading.Barrier(min(THREADS, len(calls)), timeout=30)
    started = threading.local()

    def answer(call: Callable[[], Any]) -> Any:
        if not getattr(started, "yes", False):
            started.yes = True
            together.wait()
        try:
            return call()
        except Refusal as refusal:
            return refusal.code

    with ThreadPoolExecutor(min(THREADS, len(calls))) as threads:
        return list(threads.map(answer, calls))


def test_r14_of_fifty_who_lock_the_same_target_one_succeeds(patient: World) -> None:
    world = patient
    target = world.member("Target")
    bookers = [world.member(f"Member {n}") for n in range(50)]
    world.relate(((booker, target) for booker in bookers), favorite=True)
    world.book(target, NINE)
    mine = {booker.member_id: world.book(booker, at(3)) for booker in bookers}
    booking_request = BookingRequest(NINE, lock_with=target.member_id)
    answers = at_once([lambda booker=booker: world.reply(booker, booking_request).status for booker in bookers])
    assert Counter(answers) == {201: 1, "not_available": 49}
    for booker, answer in zip(bookers, answers, strict=True):
        assert world.state(booker, NINE) == (("locked_in", "Target") if answer == 201 else ("none", None))
        assert world.session(booker, mine[booker.member_id])["state"] == "matched"


def test_r29_of_fifty_on_a_link_with_one_use_one_gets_it(patient: World) -> None:
    world = patient
    owner = world.member("Owner")
    slots = [at(1 + 24 * n) for n in range(5)]
    for slot in slots:
        world.book(owner, slot)
    guests = [world.member(f"Guest {n}") for n in range(50)]
    invite = token_digest(world.invite(owner, max_uses=1))
    wanted = [(guest, slots[n % len(slots)]) for n, guest in enumerate(guests)]
    answers = at_once(
        [
            lambda guest=guest, slot=slot: world.reply(guest, BookingRequest(slot, invite=invite)).status
            for guest, slot in wanted
        ]
    )
    assert Counter(answers) == {201: 1, "invite_unavailable": 49}
    assert [link.uses for link in world.links(owner)] == [1]
    for (guest, slot), answer in zip(wanted, answers, strict=True):
        assert world.state(guest, slot) == (("locked_in", "Owner") if answer == 201 else ("none", None))


def test_r14_two_who_lock_each_other_at_once_both_succeed(patient: World) -> None:
    world = patient
    for hour in range(1, 9):
        ada, ben = world.members("Ada", "Ben")
        world.favorite(ada, ben)
        world.favorite(ben, ada)
        for member in (ada, ben):
            world.book(member, at(hour))
        claims = [(ada, ben), (ben, ada)]
        answers = at_once(
            [
                lambda a=a, b=b, hour=hour: world.reply(a, BookingRequest(at(hour), lock_with=b.member_id)).status
                for a, b in claims
            ]
        )
        assert set(answers) <= {200, 201}
        assert world.state(ada, at(hour)) == ("locked_in", "Ben")


def test_twenty_identical_requests_with_one_key_make_one_booking_and_twenty_equal_answers(patient: World) -> None:
    world = patient
    ada = world.member("Ada")
    answers = at_once([lambda: world.reply(ada, BookingRequest(NINE), KeyedRequest("key", "digest"))] * 20)
    assert answers == [answers[0]] * 20
    assert answers[0].status == 201
    assert len(world.day(ada, NINE).bookings) == 1


def test_r3_one_member_never_gets_two_overlapping_bookings(patient: World) -> None:
    world = patient
    ada = world.member("Ada")
    slots = [at(15 + quarter / 4, minutes=minutes) for quarter in range(8) for minutes in (25, 50, 75)]
    answers = at_once([lambda slot=slot: world.reply(ada, BookingRequest(slot)).status for slot in slots])
    assert set(answers) == {201, "time_conflict"}
    held = [slot for slot in slots if world.state(ada, slot)[0] == "waiting"]
    assert [slot for slot, answer in zip(slots, answers, strict=True) if answer == 201] == held


def test_r20_a_crowd_that_books_one_slot_at_once_is_paired_two_by_two(patient: World) -> None:
    world = patient
    members = [world.member(f"Member {n}") for n in range(40)]
    answers = at_once([lambda member=member: world.reply(member, BookingRequest(NINE)).status for member in members])
    assert answers == [201] * 40
    world.deliver()
    assert [world.state(member, NINE)[0] for member in members] == ["matched"] * 40


@pytest.mark.long  # Dozens of random operations at once.
def test_r19_whatever_happens_at_once_everybody_ends_up_in_order(patient: World, storms: int) -> None:
    """Random operations on threads, the stream and the schedule among them; then the stream twice over."""
    for seed in range(storms):
        rng = Random(seed)
        patient.clear()
        members = [patient.member(f"Member {n}") for n in range(8)]
        patient.relate(permutations(members, 2), favorite=True)
        answers = at_once([random_call(patient, members, Random(rng.random())) for _ in range(120)])
        assert set(answers) <= {None, 200, 201, "not_available", "time_conflict"}, f"seed {seed}"
        patient.check()
        patient.deliver(times=2)
        patient.tick()
        patient.check()
        nobody_waits_for_nothing(patient, members)


def random_call(world: World, members: list[Any], rng: Random) -> Callable[[], Any]:
    """One operation of one member, drawn by chance."""
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


def nobody_waits_for_nothing(world: World, members: list[Any]) -> None:
    """No two wait in a slot who might have each other: neither blocked the other, or cancelled on them there."""
    for slot in SLOTS:
        waiting = [member for member in members if world.state(member, slot)[0] == "waiting"]
        for one in waiting:
            for other in waiting:
                if one is other:
                    continue
                apart = world.says(one, other).blocked or world.says(other, one).blocked
                deserted = other.member_id in world.day(one, slot).members_who_cancelled(slot)
                deserted |= one.member_id in world.day(other, slot).members_who_cancelled(slot)
                assert apart or deserted, (slot, one.name, other.name)
