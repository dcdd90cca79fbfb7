"""Cancelling (R17, R18)."""

from datetime import timedelta

import pytest

from chalicelib.domain.model.day import KEPT_CANCELLED
from chalicelib.domain.model.errors import NotFound, TimeConflict, TooLate
from chalicelib.domain.model.ids import session_id
from chalicelib.domain.model.slot import Slot
from chalicelib.services.bookings.cancel import cancel_session
from chalicelib.services.bookings.sessions import own_day
from tests.harness import World, at

NINE = at(1)


@pytest.mark.parametrize("locked", [False, True])
def test_r17_r18_either_member_of_a_pair_cancels_and_the_partner_waits(world: World, locked: bool) -> None:
    for canceller in (0, 1):
        pair = world.members("Ada", "Ben")
        slot = at(1 + 2 * canceller)
        world.favorite(*pair)
        world.book(pair[1], slot)
        (world.lock(pair[0], pair[1], slot) if locked else world.book(pair[0], slot))
        leaver, left = pair[canceller], pair[1 - canceller]
        leavers, lefts = world.seen(leaver, slot), world.seen(left, slot)
        world.cancel(leaver, leavers)
        assert world.session(leaver, leavers)["state"] == "cancelled"
        after = world.seen(left, slot)
        assert (after["sessionId"], after["state"], after["locked"]) == (lefts["sessionId"], "waiting", False)
        assert (after["lastChange"]["kind"], after["roomUrl"], len(after["users"])) == ("partner_cancelled", None, 1)


def test_r18_the_partner_can_be_locked_again_also_by_the_member_who_cancelled(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ada, ben)
    world.book(ben, NINE)
    world.cancel(ada, world.lock(ada, ben, NINE))
    assert world.lock(ada, ben, NINE)["state"] == "locked_in"


@pytest.mark.long  # Each sweep reads 372 partitions.
@pytest.mark.parametrize("returns", ["the one who cancelled", "the one who was left"])
def test_r18_a_member_is_not_paired_again_in_the_slot_with_a_partner_who_cancelled(world: World, returns: str) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    world.book(ben, NINE)
    world.cancel(ben, world.seen(ben, NINE))
    if returns == "the one who was left":
        # A new booking of the member who was left keeps that, too.
        world.cancel(ada, world.seen(ada, NINE))
    world.book(ben, NINE)
    if returns == "the one who was left":
        world.book(ada, NINE)
    world.deliver()
    world.tick()
    assert world.state(ada, NINE) == world.state(ben, NINE) == ("waiting", None)
    for slot in (at(1, minutes=25), at(3)):
        for member in (ada, ben):
            world.book(member, slot, replace=True)
        assert world.state(ada, slot) == ("matched", "Ben")


def test_r17_cancelling_twice_has_one_effect(world: World) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    session = world.book(ada, NINE)
    world.book(ben, NINE)
    world.cancel(ada, session)
    world.book(cy, NINE)
    world.records()
    world.cancel(ada, session)
    assert world.state(ben, NINE) == ("matched", "Cy")
    assert world.records() == []


def test_r17_cancelling_has_no_effect_after_the_day_dropped_the_session(world: World) -> None:
    ada = world.member("Ada")
    sessions = [world.book(ada, NINE) for _ in range(KEPT_CANCELLED + 3) if not world.seen(ada, NINE)]
    while len(sessions) < KEPT_CANCELLED + 3:
        world.cancel(ada, sessions[-1])
        sessions.append(world.book(ada, NINE))
    world.cancel(ada, sessions[-1])
    with pytest.raises(NotFound):
        world.session(ada, sessions[0])
    assert world.session(ada, sessions[-1])["state"] == "cancelled"
    world.after(days=300)
    for session in sessions:
        world.cancel(ada, session)


def test_r17_cancelling_is_possible_until_the_start(world: World) -> None:
    ada = world.member("Ada")
    first, second = world.book(ada, NINE), world.book(ada, at(2))
    world.now = NINE.start - timedelta(microseconds=1)
    world.cancel(ada, first)
    world.now = at(2).start
    with pytest.raises(TooLate):
        world.cancel(ada, second)
    assert world.session(ada, second)["state"] == "unmatched"


@pytest.mark.parametrize("locks", [False, True])
def test_r17_a_session_that_has_started_is_not_replaced(world: World, locks: bool) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.favorite(ada, cy)
    first, second, overlapping = world.book(ada, NINE), world.book(ada, at(3)), at(3.5, minutes=25)
    world.book(ben, at(3))
    world.book(cy, overlapping)

    def replaced_by(slot: Slot) -> str:
        world.lock(ada, cy, slot, replace=True) if locks else world.book(ada, slot, replace=True)
        return str(world.seen(ada, slot)["state"])

    world.now = at(3).start
    with pytest.raises(TimeConflict):
        replaced_by(overlapping)
    assert world.state(ada, at(3)) == ("matched", "Ben")
    assert (world.seen(cy, overlapping)["state"], world.session(ada, second)["state"]) == ("waiting", "matched")
    world.now = at(3).start - timedelta(microseconds=1)
    assert replaced_by(overlapping) == ("locked_in" if locks else "matched")
    assert [world.session(ada, session)["state"] for session in (first, second)] == ["unmatched", "cancelled"]


@pytest.mark.parametrize(
    ("before", "late"),
    [(timedelta(hours=1, microseconds=1), False), (timedelta(hours=1), True), (timedelta(0, 1), True)],
)
def test_r17_a_cancellation_in_the_last_hour_is_marked_late(world: World, before: timedelta, late: bool) -> None:
    ada = world.member("Ada")
    session = world.book(ada, at(4))
    world.now = at(4).start - before
    world.cancel(ada, session)
    assert world.session(ada, session)["cancelledLate"] is late


def test_another_members_session_is_not_found_and_stays(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    session = world.book(ada, NINE)
    made_up = session_id(ben.member_id, NINE.date, "0" * 16)
    with pytest.raises(NotFound):
        world.cancel(ben, session)
    world.cancel(ben, {"sessionId": made_up})
    assert world.state(ada, NINE) == ("waiting", None)


def test_r3_cancelling_across_midnight_frees_both_dates(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    across = at(15.5)
    session = world.book(ada, across)
    world.book(ben, across)
    world.cancel(ada, session)
    assert world.book(ada, at(16, minutes=25))["state"] == "waiting"
    # The partner's own booking still reaches past midnight.
    assert world.state(ben, across) == ("waiting", None)


def test_r18_a_cancel_that_lost_a_race_after_its_first_read_is_decided_on_a_new_one(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    held = world.book(ada, NINE)["sessionId"]
    begun = own_day(world.context, ada.member_id, held)
    waiting = world.book(ben, NINE)
    cancel_session(world.context, ada.member_id, held, begun=lambda: begun)
    assert world.session(ben, waiting)["state"] == "waiting"
