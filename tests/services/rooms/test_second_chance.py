"""The second chance of a member whose partner did not join (R38)."""

import pytest
from msgspec.structs import replace

from bench.request_units import RequestUnitLedger
from chalicelib.domain.decisions.queue_rows import WaitingRow, row_of
from chalicelib.domain.model.errors import NotAvailable, NotFound, Suspended, TooLate
from chalicelib.domain.model.member import RelationKind
from chalicelib.handlers.events.stream import handle_records
from chalicelib.services.members.export import export_account
from chalicelib.services.rooms.attendance import MISSED_DETAIL, join_session
from chalicelib.services.rooms.second_chance import NO_PARTNER_DETAIL, ask_again, seek_again
from chalicelib.services.slot_matching.rematch import match_waiting
from chalicelib.services.slot_matching.scheduled_matching import finalize, sweep
from tests.harness import World
from tests.services.rooms.absent_partners import (
    MINUTE,
    SECOND,
    SLOT,
    ask,
    id_of,
    in_session,
    in_session_beside,
    refusal_of,
)
from tests.staff_acts import suspend
from tests.table_snapshot import take_snapshot


@pytest.mark.parametrize("locked", [False, True])
def test_r38_two_members_who_ask_are_paired_at_once_and_the_absent_ones_missed_it(world: World, locked: bool) -> None:
    world.context.settings = replace(world.settings, attendance=True)
    ada, ben, cy, dee = in_session(world, locked=locked)
    seek_again(world.context, ada, id_of(world, ada))
    assert [world.state(member, SLOT) for member in (ada, ben)] == [("waiting", None), ("missed", None)]
    world.now += MINUTE
    view = seek_again(world.context, cy, id_of(world, cy))
    assert view.partner
    assert view.partner.name == "Ada"
    assert [world.state(member, SLOT) for member in (ada, cy, dee)] == [
        ("matched", "Cy"),
        ("matched", "Ada"),
        ("missed", None),
    ]
    seen = world.seen(ada, SLOT)
    assert seen
    # Both have joined long ago, so the session is completed. A new pair has a new room.
    assert [one["joinedAt"] for one in seen["users"]] == ["2026-03-02T09:01:00+00:00"] * 2
    assert seen["users"][0]["completed"] is True
    assert join_session(world.context, cy, id_of(world, cy)).room.url == seen["roomUrl"]
    world.check()


def test_r38_the_time_of_second_chances_is_from_3_to_10_minutes_after_the_start(world: World) -> None:
    ada, *_ = in_session(world)
    booking_id = id_of(world, ada)
    for now, refused in (
        (SLOT.start + 3 * MINUTE - SECOND, NotAvailable),
        (SLOT.start + 10 * MINUTE, TooLate),
        (SLOT.end + MINUTE, TooLate),
    ):
        world.now = now
        assert type(refusal_of(ask_again, world.context, ada, booking_id)) is refused
    world.now = SLOT.start + 10 * MINUTE - SECOND
    assert ask(world, ada).booking.seeks_again


def test_r38_only_a_member_who_joined_and_whose_partner_did_not_may_ask(world: World) -> None:
    ada, ben, cy, dee = in_session(world)
    eve = world.member("Eve")
    refusals = [refusal_of(ask_again, world.context, ben, id_of(world, ben))]
    join_session(world.context, ben, id_of(world, ben))
    refusals += [refusal_of(ask_again, world.context, ada, id_of(world, ada))]
    refusals += [refusal_of(ask_again, world.context, eve, id_of(world, ada))]
    refusals += [refusal_of(ask_again, world.context, ada, "no session")]
    ask(world, cy)
    refusals += [refusal_of(ask_again, world.context, dee, id_of(world, dee))]
    kinds = [type(refusal) for refusal in refusals]
    assert kinds == [NotAvailable, NotAvailable, NotFound, NotFound, TooLate]
    assert [world.state(member, SLOT)[0] for member in (ada, ben)] == ["matched", "matched"]
    # The words say what is in the way.
    assert len({refusal.detail for refusal in refusals}) == 4


@pytest.mark.parametrize("loss", ["the partner cancels", "the partner blocks", "another member displaces"])
def test_r38_a_member_who_joined_and_lost_the_partner_before_the_start_may_ask(world: World, loss: str) -> None:
    ada, ben, cy, dee, eve = world.members("Ada", "Ben", "Cy", "Dee", "Eve")
    world.favorite(eve, ben)
    world.favorite(ben, eve)
    for member in (ada, ben, cy, dee):
        world.book(member, SLOT)
    world.now = SLOT.start - 5 * MINUTE
    for member in (ada, cy):
        join_session(world.context, member, id_of(world, member))
    if loss == "the partner cancels":
        world.cancel(ben, {"sessionId": id_of(world, ben)})
    elif loss == "the partner blocks":
        world.say(ben, RelationKind.BLOCK, ada)
    else:
        world.lock(eve, ben, SLOT)
    world.now = SLOT.start
    assert world.state(ada, SLOT) == ("unmatched", None)
    assert type(refusal_of(ask_again, world.context, ada, id_of(world, ada))) is NotAvailable
    world.now = SLOT.start + 3 * MINUTE
    seek_again(world.context, ada, id_of(world, ada))
    assert world.state(ada, SLOT) == ("waiting", None)
    seek_again(world.context, cy, id_of(world, cy))
    assert [world.state(member, SLOT) for member in (ada, cy, dee)] == [
        ("matched", "Cy"),
        ("matched", "Ada"),
        ("missed", None),
    ]
    joined = [booking.joined_at for member in (ada, cy) for booking in world.day(member, SLOT).bookings]
    assert joined == [SLOT.start - 5 * MINUTE] * 2
    world.check()


def test_r38_a_member_who_never_joined_a_partner_cannot_ask_for_another_one(world: World) -> None:
    eve = world.member("Eve")
    world.book(eve, SLOT)
    world.now = SLOT.start + 3 * MINUTE
    refused = refusal_of(ask_again, world.context, eve, id_of(world, eve))
    assert (type(refused), refused.detail) == (NotAvailable, NO_PARTNER_DETAIL)


def test_r38_the_absent_partner_comes_too_late(world: World) -> None:
    ada, ben, *_ = in_session(world)
    ask(world, ada)
    for call in (join_session, ask_again):
        refused = refusal_of(call, world.context, ben, id_of(world, ben))
        assert (refused.code, refused.detail) == ("too_late", MISSED_DETAIL)
    seen = world.session(ben, {"sessionId": id_of(world, ben)})
    assert (seen["state"], seen["roomUrl"], seen["canJoin"], seen["cancelledLate"]) == ("missed", None, False, False)
    assert [user["userId"] for user in seen["users"]] == [ben.member_id]
    # It is in the lists, and it is not Ben's cancel of a match (R36).
    assert world.state(ben, SLOT) == ("missed", None)
    assert world.day(ben, SLOT).cancelled_matches == 0
    assert [view.booking.state for view in export_account(world.context, ben).sessions] == ["missed"]


def test_r38_asking_again_has_no_second_effect(world: World) -> None:
    ada, ben, cy, _ = in_session(world)
    booking_id = id_of(world, ada)
    seek_again(world.context, ada, booking_id)
    before = world.day(ada, SLOT), world.day(ben, SLOT)
    assert seek_again(world.context, ada, booking_id).booking.queue_position
    assert (world.day(ada, SLOT), world.day(ben, SLOT)) == before
    seek_again(world.context, cy, id_of(world, cy))
    matched = world.day(ada, SLOT)
    assert seek_again(world.context, ada, booking_id).booking.partner
    assert world.day(ada, SLOT) == matched


def test_r17_no_session_can_be_cancelled_after_its_start(world: World) -> None:
    ada, ben, cy, dee = in_session(world)
    ask(world, ada)
    for member in (ada, ben, cy, dee):
        with pytest.raises(TooLate):
            world.cancel(member, {"sessionId": id_of(world, member)})
    world.check()


def test_r19_a_kill_between_the_ask_and_the_pairing_leaves_it_to_the_schedule(world: World) -> None:
    ada, _, cy, _ = in_session(world)
    for member in (ada, cy):
        ask(world, member)
    assert sweep(world.context) == 0
    assert finalize(world.context) == 1
    assert finalize(world.context) == 0
    assert world.state(ada, SLOT) == ("matched", "Cy")
    world.check()


def test_r19_the_stream_pairs_those_who_ask_once_however_often_it_delivers(world: World) -> None:
    ada, _, cy, _ = in_session(world)
    for member in (ada, cy):
        ask(world, member)
    records = world.records()
    for _ in range(3):
        assert handle_records(world.context, records) == {"batchItemFailures": []}
    assert world.state(ada, SLOT) == ("matched", "Cy")
    days = world.day(ada, SLOT), world.day(cy, SLOT)
    handle_records(world.context, records[::-1])
    assert (world.day(ada, SLOT), world.day(cy, SLOT)) == days


def test_r38_no_pair_is_made_from_10_minutes_after_the_start_on(world: World) -> None:
    ada, _, cy, _ = in_session(world)
    world.now = SLOT.start + 9 * MINUTE
    for member in (ada, cy):
        ask(world, member)
    world.now = SLOT.start + 10 * MINUTE
    world.deliver()
    assert finalize(world.context) == 0
    assert [world.state(member, SLOT) for member in (ada, cy)] == [("unmatched", None)] * 2
    world.check()


def test_r23_a_member_who_stayed_unmatched_at_the_start_takes_no_part(world: World) -> None:
    eve, other = world.members("Eve", "Fay")
    world.say(eve, RelationKind.SNOOZE, other, until=SLOT.start - MINUTE)
    for member in (eve, other):
        world.book(member, SLOT)
    world.records()
    ada, _, _, _ = in_session_beside(world, eve, other)
    seek_again(world.context, ada, id_of(world, ada))
    world.deliver()
    finalize(world.context)
    assert [world.state(member, SLOT)[0] for member in (ada, eve, other)] == ["waiting", "unmatched", "unmatched"]


@pytest.mark.parametrize("by", ["the request", "the stream"])
def test_r20_the_member_who_booked_first_gets_the_first_second_chance(world: World, by: str) -> None:
    """Cy asks before Ada, who booked before Cy."""
    world.context.settings = replace(world.settings, attendance=True)
    members = world.members("Ada", "Ben", "Cy", "Dee", "Eve", "Flo")
    ada, _, cy, _, eve, _ = members
    for member in members:
        world.after(seconds=1).book(member, SLOT)
    world.now = SLOT.start
    for member in (ada, cy, eve):
        join_session(world.context, member, id_of(world, member))
    world.say(cy, RelationKind.BLOCK, ada)
    world.now += 3 * MINUTE
    for member in (cy, ada):
        ask(world.after(seconds=1), member)
    if by == "the request":
        seek_again(world.context, eve, id_of(world, eve))
    else:
        ask(world, eve)
        row = row_of(world.day(eve, SLOT).bookings[0])
        assert isinstance(row, WaitingRow)
        match_waiting(world.context, row)
    assert world.state(eve, SLOT) == ("matched", "Ada")
    assert world.state(cy, SLOT) == ("waiting", None)


def test_r36_an_ask_costs_a_bounded_number_of_units(world: World) -> None:
    ada, _, cy, _ = in_session(world)
    ask(world, cy)
    with RequestUnitLedger(world.table.connection.client) as ledger, ledger.entry("ask") as entry:
        seek_again(world.context, ada, id_of(world, ada))
    assert world.state(ada, SLOT) == ("matched", "Cy")
    assert entry.read_units + entry.write_units < 60


def test_r47_no_one_asks_after_a_suspension_that_the_admission_did_not_see(world: World) -> None:
    """The own day may be read after the suspension, and then nothing in the commit would show it."""
    ada, *_ = in_session(world)
    suspend(world, ada)
    before = take_snapshot(world.table)
    assert isinstance(refusal_of(seek_again, world.context, ada, id_of(world, ada)), Suspended)
    assert take_snapshot(world.table) == before


def test_r38_a_request_that_lost_a_race_after_its_first_read_is_decided_on_a_new_one(world: World) -> None:
    ada, ben, *_ = in_session(world)
    day = world.day(ada, SLOT)
    join_session(world.context, ben, id_of(world, ben))
    with pytest.raises(NotAvailable):
        ask_again(world.context, ada, id_of(world, ada), lambda: day)
    assert world.state(ben, SLOT) == ("matched", "Ada")
