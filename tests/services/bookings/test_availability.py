"""The three views of availability, which share the decision of the lock and leak nothing (R2, R8 to R11)."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import msgspec
import pytest

from bench.favorites_view import BOOKINGS_EACH, create_favorites, read_availability
from bench.request_units import RequestUnitLedger
from chalicelib.domain.decisions.booking_facts import Terms
from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.decisions.write_set import Decision
from chalicelib.domain.model.errors import Refusal
from chalicelib.domain.model.member import Availability, Gender, PartnerGender, Profile, RelationKind
from chalicelib.domain.model.slot import Slot
from chalicelib.handlers.http.responses import serializers
from chalicelib.services.bookings.availability import (
    SlotView,
    calendar,
    favorites_availability,
    member_availability,
)
from chalicelib.services.bookings.book import decide
from chalicelib.services.bookings.facts import gather
from chalicelib.storage import reads
from tests.harness import MONDAY, World, at
from tests.services.bookings.test_lock import REASONS, lockable

NINE = at(1)
TWO_WEEKS = timedelta(weeks=2)

Flags = dict[tuple[str, Slot], tuple[bool, bool]]


def flags(views: list[SlotView]) -> Flags:
    """Return which members are locked and lockable in which slot."""
    return {
        (partner.member_id, view.slot): (partner.locked, partner.lockable)
        for view in views
        for partner in view.partners
    }


def of_member(world: World, caller: Profile, other: Profile | str) -> Flags:
    return flags(member_availability(world.context, caller.member_id, getattr(other, "member_id", other)))


def of_favorites(world: World, caller: Profile) -> Flags:
    return flags(favorites_availability(world.context, reads.profile(world.table, caller.member_id)))


def panel(world: World, caller: Profile) -> Flags:
    views = calendar(
        world.context, reads.profile(world.table, caller.member_id), world.now, world.now + TWO_WEEKS, None
    )
    return flags(views)


def test_r9_the_three_views_show_what_can_be_locked(world: World) -> None:
    booker, target = lockable(world)
    shown = {(target.member_id, NINE): (False, True)}
    assert of_member(world, booker, target) == of_favorites(world, booker) == panel(world, booker) == shown
    world.lock(booker, target, NINE)
    locked = {(target.member_id, NINE): (True, False)}
    assert of_member(world, booker, target) == of_favorites(world, booker) == panel(world, booker) == locked


def test_r2_a_lock_shows_to_its_two_members_only(world: World) -> None:
    booker, target = lockable(world)
    other = world.member("Other")
    world.favorite(other, target, booker)
    world.lock(booker, target, NINE)
    assert of_member(world, other, target) == of_favorites(world, other) == panel(world, other) == {}
    assert world.seen(booker, NINE)["locked"] is True


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("reason", REASONS, ids=lambda reason: reason.__name__)
def test_r11_availability_shows_nothing_that_cannot_be_locked(
    world: World, reason: Callable[[World, Profile, Profile], None]
) -> None:
    booker, target = lockable(world)
    reason(world, booker, target)
    assert of_member(world, booker, target) == {}
    assert of_favorites(world, booker) == {}


@pytest.mark.parametrize("text", ["", "no such member", "0" * 24, "#", "\ud800"])
def test_r11_an_unknown_member_and_oneself_have_an_empty_list(world: World, text: str) -> None:
    ada = world.member("Ada")
    world.book(ada, NINE)
    assert of_member(world, ada, text) == of_member(world, ada, ada) == {}


def test_r10_the_panel_lists_favorites_who_cannot_be_locked_without_a_lock(world: World) -> None:
    booker, target = lockable(world)
    for reason in REASONS:
        if reason.__name__ in {"_no_one", "_favorites", "_snoozes", "_gender"}:
            reason(world, booker, target)
            assert panel(world, booker) == {(target.member_id, NINE): (False, False)}


@pytest.mark.parametrize("name", ["_blocked", "_blocks", "_snoozed"])
def test_r10_the_panel_hides_the_hours_of_a_block_either_way_and_of_a_snooze_of_the_caller(
    world: World, name: str
) -> None:
    booker, target = lockable(world)
    next(reason for reason in REASONS if reason.__name__ == name)(world, booker, target)
    assert panel(world, booker) == {}


def test_r10_a_snooze_of_the_caller_hides_nothing_after_its_end(world: World) -> None:
    booker, target = lockable(world)
    world.say(target, RelationKind.SNOOZE, booker, until=world.now + timedelta(minutes=1))
    assert panel(world, booker) == {}
    world.after(minutes=1)
    assert panel(world, booker) == {(target.member_id, NINE): (False, True)}


def test_r2_r32_a_lock_shows_to_its_two_members_also_after_a_snooze(world: World) -> None:
    """The session shows the lock, so that a view without it would give the snooze away."""
    booker, target = lockable(world)
    world.book(target, at(3))
    world.lock(booker, target, NINE)
    world.say(target, RelationKind.SNOOZE, booker, until=world.now + timedelta(days=1))
    locked = {(target.member_id, NINE): (True, False)}
    assert of_member(world, booker, target) == of_favorites(world, booker) == panel(world, booker) == locked


def test_r10_the_panel_reaches_14_days_and_no_further(world: World) -> None:
    booker, target = lockable(world)
    edge, far = Slot(MONDAY + timedelta(days=14), 25), Slot(MONDAY + timedelta(days=14, minutes=30), 25)
    for slot in (edge, far):
        world.book(target, slot)
    views = calendar(world.context, booker, edge.start, edge.start + TWO_WEEKS, None)
    assert flags(views) == {(target.member_id, edge): (False, True)}


def test_r10_a_calendar_beyond_two_weeks_reads_no_favorite(world: World) -> None:
    booker, _target = lockable(world)
    own = Slot(MONDAY + timedelta(days=40), 25)
    world.book(booker, own)
    with RequestUnitLedger(world.table.connection.client) as ledger:
        views = calendar(world.context, booker, own.start, own.start + TWO_WEEKS, None)
    assert [view.slot for view in views] == [own]
    # The caller's relations and own days, and three weeks of hours of demand.
    assert [request.shape for request in ledger.requests] == [("Query", 1)] * 5


@pytest.mark.parametrize("relation", [None, *RelationKind])
def test_r11_a_relation_of_a_favorite_changes_no_read_of_the_views(world: World, relation: RelationKind | None) -> None:
    booker, target = lockable(world)
    if relation:
        until = {"until": MONDAY + timedelta(days=9)} if relation is RelationKind.SNOOZE else {}
        world.say(target, relation, booker, **until)
    with RequestUnitLedger(world.table.connection.client) as ledger, ledger.entry("views") as entry:
        of_favorites(world, booker)
    assert sorted(request.shape for request in ledger.requests) == [
        ("BatchGetItem", 1),
        ("BatchGetItem", 1),
        ("GetItem", 1),
        *[("Query", 1)] * 3,
    ]
    assert entry.read_units == 3.5


def test_r8_availability_reaches_14_days_and_begins_now(world: World) -> None:
    booker, target = lockable(world)
    soon = Slot(MONDAY + timedelta(minutes=15), 25)
    edge, far = Slot(MONDAY + timedelta(days=14), 25), Slot(MONDAY + timedelta(days=14, minutes=30), 25)
    for slot in (soon, edge, far):
        world.book(target, slot)
    assert set(of_member(world, booker, target)) == {(target.member_id, slot) for slot in (soon, NINE, edge)}
    world.now = soon.start
    assert (target.member_id, soon) not in of_favorites(world, booker)


def test_r8_a_lock_further_ahead_is_no_part_of_the_next_two_weeks(world: World) -> None:
    """Lock a booking that is near enough, then set the clock back."""
    booker, target = lockable(world)
    world.after(hours=1)
    edge = Slot(MONDAY + timedelta(days=14, minutes=30), 25)
    world.book(target, edge)
    world.lock(booker, target, edge)
    assert of_member(world, booker, target)[target.member_id, edge] == (True, False)
    world.now = MONDAY
    assert (target.member_id, edge) not in of_member(world, booker, target)
    assert (target.member_id, edge) not in of_favorites(world, booker)


def test_r9_a_slot_that_overlaps_an_own_session_is_not_lockable(world: World) -> None:
    booker, target = lockable(world)
    mine = world.book(booker, at(1.5))
    assert of_member(world, booker, target) == of_favorites(world, booker) == {}
    assert panel(world, booker)[target.member_id, NINE] == (False, False)
    world.cancel(booker, mine)
    world.book(booker, NINE)
    assert world.state(booker, NINE) == ("matched", "Target")
    assert of_member(world, booker, target) == {(target.member_id, NINE): (False, True)}


def test_r9_a_slot_that_overlaps_an_own_session_across_midnight_is_not_lockable(world: World) -> None:
    booker, target = lockable(world)
    world.book(target, at(16, minutes=25))
    assert (target.member_id, at(16, minutes=25)) in of_member(world, booker, target)
    world.book(booker, at(15.5, minutes=75))
    assert (target.member_id, at(16, minutes=25)) not in of_member(world, booker, target)
    assert (target.member_id, at(16, minutes=25)) not in of_favorites(world, booker)


def test_the_calendar_has_own_sessions_and_favorites_by_slot(world: World) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.favorite(ada, ben)
    world.book(ada, NINE, title="Mine")
    world.book(cy, NINE)
    world.book(ben, at(3, minutes=25))
    world.book(cy, at(5))
    views = calendar(world.context, ada, MONDAY, MONDAY + TWO_WEEKS, None)
    shown = msgspec.json.decode(msgspec.json.encode([serializers.calendar_slot(view) for view in views]))
    assert shown == [
        {
            "startTime": "2026-03-02T09:00:00+00:00",
            "duration": 3000000,
            "session": world.seen(ada, NINE),
            "waiting": "none",
            "favorites": [],
        },
        {
            "startTime": "2026-03-02T11:00:00+00:00",
            "duration": 1500000,
            "session": None,
            "waiting": "none",
            "favorites": [
                {"userId": ben.member_id, "name": "Ben", "photoUrl": None, "locked": False, "lockable": True}
            ],
        },
    ]
    assert [view.slot for view in calendar(world.context, ada, MONDAY, MONDAY + TWO_WEEKS, 25)] == [at(3, minutes=25)]


def test_favorites_availability_is_sorted_by_start(world: World) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.favorite(ada, ben, cy)
    for slot in (at(30), at(2, minutes=75), at(5)):
        world.book(ben, slot)
    world.book(cy, at(4, minutes=25))
    views = favorites_availability(world.context, ada)
    assert [view.slot for view in views] == [at(2, minutes=75), at(4, minutes=25), at(5), at(30)]


POPULATION = ["Ada", "Ben", "Cy", "Dee"]
SLOTS = [at(0.25, minutes=25), at(0.25), at(1), at(1.5), at(15.5), at(16, minutes=25)]


def populate(world: World, rng: Random) -> list[Profile]:
    """Make members with random settings, relations and bookings, some matched, some locked in."""
    members = [
        world.member(
            name,
            availability=rng.choice(list(Availability)),
            gender=rng.choice([*Gender, None]),
            partner_gender=rng.choice([PartnerGender.ANY, PartnerGender.ANY, PartnerGender.SAME]),
        )
        for name in POPULATION
    ]
    caller, *others = members
    for other in others:
        for one, two, favored in ((caller, other, 0.9), (other, caller, 0.5)):
            if rng.random() < favored:
                world.favorite(one, two)
            if rng.random() < 0.1:
                world.say(one, RelationKind.SNOOZE, two, until=world.now + timedelta(minutes=rng.choice([1, 600])))
    for member in members:
        for slot in rng.sample(SLOTS, 2):
            try_to(lambda member=member, slot=slot: world.book(member, slot))
    third, fourth = others[1:]
    world.favorite(third, fourth)
    for slot in SLOTS:
        if rng.random() < 0.3:
            try_to(lambda slot=slot: world.lock(third, fourth, slot))
    if rng.random() < 0.2:
        blocker, blocked = rng.choice([(caller, others[0]), (others[0], caller)])
        world.say(blocker, RelationKind.BLOCK, blocked)
    world.now += timedelta(minutes=rng.choice([0, 0, 2, 11]))
    return members


def try_to(call: Callable[[], Any]) -> str:
    """Make a call, and return the code of its refusal, "done" if there was none."""
    try:
        call()
    except Refusal as refusal:
        return refusal.code
    return "done"


# Each seed locks in three populations.
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 12))])
def test_r9_a_booking_is_lockable_in_a_view_if_and_only_if_its_lock_is_granted(
    world: World, request: pytest.FixtureRequest, seed: int
) -> None:
    """Compare the three views with each other and with the lock, for random populations in every slot."""
    rng = Random(seed)
    for _ in range(168 if request.config.getoption("--campaign") else 3):
        world.clear()
        world.now = MONDAY
        caller, *others = populate(world, rng)
        by_member = {key: value for other in others for key, value in of_member(world, caller, other).items()}
        favorites = {other.member_id for other in others if world.says(caller, other).favorite}
        assert of_favorites(world, caller) == {key: value for key, value in by_member.items() if key[0] in favorites}
        shown = {key: value for key, value in panel(world, caller).items() if any(value)}
        assert shown == of_favorites(world, caller)
        for other in others:
            for slot in SLOTS:
                answer = can_lock(world, caller, other, slot)
                assert answer == by_member.get((other.member_id, slot), (False, False))[1], (seed, other.name, slot)


def can_lock(world: World, caller: Profile, other: Profile, slot: Slot) -> bool:
    """Return whether a lock is granted at this instant, decided on the real reads and not written."""
    context, settings = world.context, world.settings
    terms = Terms(world.now, "operatio", "0" * 16, ("one", "other"), settings.lock_cutoff, settings.limits)
    booking_request = BookingRequest(slot, lock_with=other.member_id)
    booker = reads.profile(world.table, caller.member_id)
    try:
        decision = decide(context, gather(context, booker, booking_request, None, terms, contended=False), terms)
    except Refusal:
        return False
    return isinstance(decision, Decision) and decision.answer.new


@pytest.mark.long
def test_favorites_availability_of_100_favorites_costs_at_most_160_read_units(world: World) -> None:
    """Half a unit each for a favorite's profile, days and relation to the caller. That is read by key (R11, R36)."""
    caller = world.member("Caller")
    create_favorites(world.context, caller, 100)
    entry, shown = read_availability(world.context, caller)
    assert shown == 100 * BOOKINGS_EACH
    assert not any(request.writes for request in entry.requests)
    assert entry.read_units <= 160
    assert entry.round_trips <= 3


def test_r33_the_calendar_hides_the_sessions_of_an_earlier_account(world: World) -> None:
    ada = world.member("Ada")
    world.book(ada, NINE)
    later = world.now + timedelta(minutes=1)
    returned = msgspec.structs.replace(ada, member_since=later, deleted_at=later)
    shown = [calendar(world.context, caller, NINE.start, NINE.end, None) for caller in (ada, returned)]
    assert [[view.slot for view in views] for views in shown] == [[NINE], []]
