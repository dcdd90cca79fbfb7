"""Second chances with blocks, snoozes and deleted accounts (R1, R33, R38)."""

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from chalicelib.domain.model.errors import NotAvailable, NotFound, TooLate
from chalicelib.domain.model.member import RelationKind
from chalicelib.domain.model.slot import Slot
from chalicelib.services.bookings.availability import calendar, favorites_availability
from chalicelib.services.bookings.demand import waiting_ahead
from chalicelib.services.members.profiles import Claims, get_or_create_member
from chalicelib.services.rooms.attendance import join_session
from chalicelib.services.rooms.second_chance import ask_again, seek_again
from chalicelib.services.slot_matching.demand_count import count_demand
from chalicelib.services.slot_matching.rematch import match_waiting
from chalicelib.services.slot_matching.scheduled_matching import finalize
from chalicelib.storage import reads
from tests.fault_proxy import FaultProxy, meanwhile
from tests.harness import MONDAY, World, at
from tests.services.rooms.absent_partners import MINUTE, SLOT, ask, id_of, in_session, refusal_of, two_seek


@pytest.mark.parametrize("relation", [RelationKind.BLOCK, RelationKind.SNOOZE])
def test_r38_members_who_may_not_meet_are_not_paired(world: World, relation: RelationKind) -> None:
    ada, _, cy, _ = in_session(world)
    until = SLOT.end if relation is RelationKind.SNOOZE else None
    world.say(cy, relation, ada, **({"until": until} if until else {}))
    for member in (ada, cy):
        seek_again(world.context, member, id_of(world, member))
    world.deliver()
    finalize(world.context)
    assert [world.state(member, SLOT) for member in (ada, cy)] == [("waiting", None)] * 2


def test_r1_a_block_of_the_absent_partner_changes_neither_the_ask_nor_its_answer(world: World) -> None:
    ada, ben, *_ = in_session(world)
    world.say(ben, RelationKind.BLOCK, ada)
    ask(world, ada)
    assert [world.state(member, SLOT)[0] for member in (ada, ben)] == ["waiting", "missed"]
    world.check()


def test_r38_who_seeks_after_the_start_is_seen_by_no_other_member(world: World) -> None:
    ada, _, cy, _ = in_session(world)
    eve = world.member("Eve")
    world.favorite(eve, ada)
    link = world.invite(ada)
    ask(world, ada)
    count_demand(world.context, [SLOT])
    assert favorites_availability(world.context, eve) == []
    assert calendar(world.context, eve, SLOT.start, SLOT.end, None) == []
    assert waiting_ahead(world.context, SLOT.start, SLOT.end, world.now) == {}
    # A lock overrides up to the start only (R22).
    with pytest.raises((NotAvailable, TooLate)):
        world.lock(eve, ada, SLOT)
    with pytest.raises((NotAvailable, TooLate)):
        world.accept(cy, link, SLOT)
    assert world.state(ada, SLOT) == ("waiting", None)


def test_r33_a_member_who_asks_and_deletes_the_account_is_paired_with_no_other(world: World) -> None:
    ada, ben, cy, _ = in_session(world)
    ask(world, ada)
    world.leave(ada)
    seek_again(world.context, cy, id_of(world, cy))
    world.deliver()
    finalize(world.context)
    assert [world.state(member, SLOT)[0] for member in (ben, cy)] == ["missed", "waiting"]
    assert type(refusal_of(ask_again, world.context, ada, "no session")) is NotFound
    world.check()


@pytest.mark.parametrize("slot", [SLOT, at(15.75)])
def test_r33_nothing_is_left_of_an_absent_partner_who_deleted_the_account(world: World, slot: Slot) -> None:
    """The footprint of the second slot passes midnight, so the next day refers to the session."""
    ada, ben = world.members("Ada", "Ben")
    for member in (ada, ben):
        world.book(member, slot)
    world.now = slot.start
    booking_id = world.day(ada, slot).bookings[0].booking_id
    join_session(world.context, ada, booking_id)
    world.now = slot.start + 3 * MINUTE
    world.leave(ben)
    assert len(world.day(ben, slot).bookings) == 1
    assert ask_again(world.context, ada, booking_id).booking.seeks_again
    days = reads.days_between(world.table, ben.member_id, date.min, date.max)
    assert list(days) == []
    world.check()


def test_r33_a_new_account_of_the_absent_partner_has_not_missed_the_session(world: World) -> None:
    claims = Claims(world.settings.issuer, "Ben", "Ben", None, "UTC", MONDAY)
    ada, ben = world.member("Ada"), get_or_create_member(world.context, claims)
    for member in (ada, ben):
        world.book(member, SLOT)
    world.now = SLOT.start
    join_session(world.context, ada, id_of(world, ada))
    world.now = SLOT.start + 3 * MINUTE
    world.leave(ben)
    get_or_create_member(world.context, replace(claims, signed_in_at=world.now + timedelta(days=1)))
    ask(world, ada)
    assert world.day(ben, SLOT).bookings == ()


@pytest.mark.parametrize("by", ["schedule", "stream"])
def test_r33_a_seeker_who_deletes_the_account_while_the_pair_is_made_is_no_partner(
    world: World, faults: FaultProxy, by: str
) -> None:
    ada, cy, row = two_seek(world)
    match = {"schedule": lambda: finalize(world.context), "stream": lambda: match_waiting(world.context, row)}[by]
    meanwhile(faults, match, lambda: world.begin_to_leave(cy))
    assert world.state(ada, SLOT) == ("waiting", None)


def test_r33_an_ask_in_flight_conflicts_with_the_deletion_of_the_account(world: World, faults: FaultProxy) -> None:
    """Deleting an account bumps no day that has begun, so only the check of the account can fail the write."""
    ada, ben, *_ = in_session(world)
    meanwhile(faults, lambda: refusal_of(ask, world, ada), lambda: world.begin_to_leave(ada))
    session = world.seen(ben, SLOT)
    assert session
    assert session["state"] == "matched"
