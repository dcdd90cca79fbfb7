"""The joining of sessions (R37)."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace

from bench.request_units import RequestUnitLedger
from chalicelib.domain.model.errors import Busy, NotAvailable, NotFound, Refusal, Suspended, TooLate, Unauthenticated
from chalicelib.domain.model.member import Profile, RelationKind
from chalicelib.domain.model.slot import Slot
from chalicelib.services.members.profiles import Claims, get_or_create_member
from chalicelib.services.rooms.attendance import ReportedJoin, join_by_report, join_session
from chalicelib.services.rooms.room import room_name
from chalicelib.services.transaction import ATTEMPTS
from chalicelib.storage.day_mappers import day_item
from tests import batches
from tests.contract.client import at_once
from tests.fault_proxy import Fault, FaultProxy
from tests.harness import MONDAY, World, at
from tests.staff_acts import suspend
from tests.table_snapshot import take_snapshot

SLOT = at(1)
MINUTE, INSTANT = timedelta(minutes=1), timedelta(microseconds=1)
OPENS = SLOT.start - 10 * MINUTE
# It begins half an hour before midnight.
OVERNIGHT = at(15.5)

Session = dict[str, Any]


def matched(world: World, one: Profile, other: Profile, slot: Slot = SLOT) -> tuple[Session, Session]:
    """Match two members in a slot, and return the session of each."""
    sessions = world.book(one, slot), world.book(other, slot)
    world.now = slot.start - 10 * MINUTE
    return sessions


def outcome(ask: Callable[[], object]) -> type[Refusal] | None:
    """Return the class of the refusal, None if the request succeeds."""
    try:
        ask()
    except Refusal as refusal:
        return type(refusal)
    return None


def joined(session: Session | None) -> list[str | None]:
    """Return the instants at which the members of a session joined, its owner first."""
    assert session
    return [user["joinedAt"] for user in session["users"]]


def test_r37_both_members_see_the_first_time_at_which_one_joined(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    of_ada, _ = matched(world, ada, ben)
    seen = [world.join(ada, of_ada)]
    world.now += MINUTE
    seen.append(world.join(ada, of_ada))
    assert [joined(one) for one in seen] == [["2026-03-02T08:50:00+00:00", None]] * 2
    assert joined(world.seen(ben, SLOT)) == [None, "2026-03-02T08:50:00+00:00"]
    world.check()


def test_r37_both_members_see_whether_both_joined(world: World) -> None:
    world.record_attendance()
    ada, ben = world.members("Ada", "Ben")
    of_ada, of_ben = matched(world, ada, ben)
    world.join(ada, of_ada)
    assert [user["completed"] for user in world.session(ben, of_ben)["users"]] == [False, False]
    world.join(ben, of_ben)
    for member, session in ((ada, of_ada), (ben, of_ben)):
        assert [user["completed"] for user in world.session(member, session)["users"]] == [True, True]


def test_r37_both_members_see_when_the_other_booked(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, SLOT)
    world.after(minutes=5)
    of_ben = world.book(ben, SLOT)
    assert [user["requestedAt"] for user in of_ben["users"]] == [
        "2026-03-02T08:05:00+00:00",
        "2026-03-02T08:00:00+00:00",
    ]
    seen = world.seen(ada, SLOT)
    assert seen
    assert [user["requestedAt"] for user in seen["users"]] == [user["requestedAt"] for user in of_ben["users"]][::-1]


@pytest.mark.parametrize(
    ("now", "refusal"),
    [
        (OPENS - INSTANT, NotAvailable),
        (OPENS, None),
        (SLOT.start, None),
        (SLOT.end, None),
        (SLOT.end + INSTANT, TooLate),
    ],
)
def test_r37_a_member_joins_from_10_minutes_before_the_start_to_the_end(
    world: World, now: Any, refusal: type[Refusal] | None
) -> None:
    ada, ben = world.members("Ada", "Ben")
    of_ada, _ = matched(world, ada, ben)
    world.now = now
    assert world.session(ada, of_ada)["canJoin"] is (refusal is None)
    assert outcome(lambda: world.join(ada, of_ada)) is refusal


@pytest.mark.parametrize(
    ("now", "refusal"), [(SLOT.end + 10 * MINUTE - INSTANT, None), (SLOT.end + 10 * MINUTE, TooLate)]
)
def test_r41_a_member_who_joined_comes_back_until_the_room_closes(
    world: World, now: Any, refusal: type[Refusal] | None
) -> None:
    ada, ben = world.members("Ada", "Ben")
    of_ada, of_ben = matched(world, ada, ben)
    world.join(ada, of_ada)
    world.now = now
    assert outcome(lambda: world.join(ada, of_ada)) is refusal
    assert outcome(lambda: world.join(ben, of_ben)) is TooLate


def test_r37_a_session_without_a_partner_has_no_room(world: World) -> None:
    ada = world.member("Ada")
    session = world.book(ada, SLOT)
    world.now = SLOT.start
    assert outcome(lambda: world.join(ada, session)) is NotAvailable
    assert world.session(ada, session)["canJoin"] is False


def test_r37_a_cancelled_session_cannot_be_joined_and_its_partner_waits(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    of_ada, of_ben = matched(world, ada, ben)
    world.cancel(ada, of_ada)
    assert outcome(lambda: world.join(ada, of_ada)) is TooLate
    assert outcome(lambda: world.join(ben, of_ben)) is NotAvailable


@pytest.mark.parametrize("of", ["another member", "nothing", "another day of the member"])
def test_r37_only_a_session_of_the_member_can_be_joined(world: World, of: str) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    of_ada, _ = matched(world, ada, ben)
    ids = {
        "another member": of_ada["sessionId"],
        "nothing": "made-up",
        "another day of the member": f"20260303{of_ada['sessionId'][8:]}",
    }
    caller = ada if of == "another day of the member" else cy
    before = take_snapshot(world.table)
    assert outcome(lambda: join_session(world.context, caller, ids[of])) is NotFound
    assert take_snapshot(world.table) == before


def test_r37_a_repeated_join_writes_nothing_and_reads_no_day_of_the_partner(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    of_ada, _ = matched(world, ada, ben)
    with RequestUnitLedger(world.table.connection.client) as ledger:
        world.join(ada, of_ada)
    first, *beside, write = (request.operation for request in ledger.requests)
    # The own day, then the own account, the partner's day and the partner's profile with the relation in parallel.
    assert (first, sorted(beside)) == ("BatchGetItem", ["BatchGetItem", "BatchGetItem", "GetItem"])
    assert write == "TransactWriteItems"
    before = take_snapshot(world.table)
    with RequestUnitLedger(world.table.connection.client) as ledger:
        world.join(ada, of_ada)
    assert [request.operation for request in ledger.requests] == ["BatchGetItem"] * 2
    assert take_snapshot(world.table) == before


@pytest.mark.parametrize("slot", [SLOT, OVERNIGHT])
def test_r37_two_members_who_join_at_once_both_join(world: World, slot: Slot) -> None:
    """Each write changes both days, so that one of the two conflicts and is decided again."""
    world.record_attendance()
    ada, ben = world.members("Ada", "Ben")
    of_ada, of_ben = matched(world, ada, ben, slot)
    at_once([partial(world.join, ada, of_ada), partial(world.join, ben, of_ben)])
    for member, session in ((ada, of_ada), (ben, of_ben)):
        assert None not in joined(world.session(member, session))
    world.now = slot.end
    assert [user["completed"] for user in world.session(ada, of_ada)["users"]] == [True, True]
    world.check()


def test_r37_a_session_past_midnight_is_joined_on_the_next_date(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    _, of_ben = matched(world, ada, ben, OVERNIGHT)
    world.now = OVERNIGHT.start + 45 * MINUTE
    assert joined(world.join(ben, of_ben)) == ["2026-03-03T00:15:00+00:00", None]
    world.check()


@pytest.mark.parametrize("fault", [Fault.LOSE_REQUEST, Fault.LOSE_RESPONSE, Fault.CONFLICT, Fault.THROTTLED])
def test_r37_a_join_is_retried_after_a_failed_or_unknown_write(world: World, faults: FaultProxy, fault: Fault) -> None:
    ada, ben = world.members("Ada", "Ben")
    of_ada, of_ben = matched(world, ada, ben)
    faults.plan = [fault]
    world.now = OPENS + MINUTE
    assert joined(world.join(ada, of_ada)) == ["2026-03-02T08:51:00+00:00", None]
    assert joined(world.session(ben, of_ben)) == [None, "2026-03-02T08:51:00+00:00"]
    world.check()


def test_r37_a_join_that_conflicts_at_every_attempt_is_busy(world: World, faults: FaultProxy) -> None:
    ada, ben = world.members("Ada", "Ben")
    of_ada, _ = matched(world, ada, ben)
    faults.plan = [Fault.CONFLICT] * ATTEMPTS
    assert outcome(lambda: world.join(ada, of_ada)) is Busy


def test_r37_days_that_contradict_each_other_are_read_again(world: World) -> None:
    """A read of the partner's day from before the pair must not be written back."""
    ada, ben = world.members("Ada", "Ben")
    of_ada, _ = matched(world, ada, ben)
    day = world.day(ben, SLOT)
    (booking,) = day.bookings
    assert booking.partner
    other_pair = replace(booking, partner=replace(booking.partner, pair_id="another pair"))
    batches.save(world.table, [day_item(replace(day, bookings=(other_pair,)))])
    assert outcome(lambda: world.join(ada, of_ada)) is Busy
    batches.save(world.table, [day_item(day)])
    assert outcome(lambda: world.join(ada, of_ada)) is None


@pytest.mark.parametrize("held", ["BatchGetItem", "TransactWriteItems"])
@pytest.mark.parametrize(
    ("meanwhile", "refusal"),
    [("the partner cancels", NotAvailable), ("the partner deletes the account", NotAvailable)],
)
def test_r37_a_partner_who_leaves_while_a_member_joins_is_not_joined(
    world: World, faults: FaultProxy, held: str, meanwhile: str, refusal: type[Refusal]
) -> None:
    ada, ben = world.members("Ada", "Ben")
    of_ada, of_ben = matched(world, ada, ben)
    faults.hold_next(held, number=2 if held == "BatchGetItem" else 1)

    def leave() -> None:
        assert faults.held.wait(60)
        if meanwhile == "the partner cancels":
            world.cancel(ben, of_ben)
        else:
            world.leave(ben)
        faults.release_held()

    outcomes = at_once([partial(outcome, lambda: world.join(ada, of_ada)), partial(outcome, leave)])
    assert outcomes == [refusal, None]
    assert joined(world.session(ada, of_ada)) == [None]
    world.check()


def test_r1_a_block_before_the_start_ends_what_the_pair_joined(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    of_ada, of_ben = matched(world, ada, ben)
    world.join(ada, of_ada)
    world.say(ben, RelationKind.BLOCK, ada)
    seen = [joined(world.session(*own)) for own in ((ada, of_ada), (ben, of_ben))]
    # The instant stays with Ada for a second chance, as after a cancel (R38).
    assert seen == [["2026-03-02T08:50:00+00:00"], [None]]
    assert outcome(lambda: world.join(ada, of_ada)) is NotAvailable


def test_r1_a_block_after_the_start_leaves_the_session_and_its_members_may_join(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    of_ada, _ = matched(world, ada, ben)
    world.now = SLOT.start
    world.say(ben, RelationKind.BLOCK, ada)
    assert outcome(lambda: world.join(ada, of_ada)) is None


def test_r37_a_member_joins_the_next_partner_again(world: World) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    of_ada, of_ben = matched(world, ada, ben)
    world.join(ada, of_ada)
    world.cancel(ben, of_ben)
    of_cy = world.book(cy, SLOT)
    assert world.state(cy, SLOT) == ("matched", "Ada")
    assert joined(of_cy) == [None, None]
    world.now += MINUTE
    assert joined(world.join(ada, of_ada)) == ["2026-03-02T08:51:00+00:00", None]
    world.check()


def test_r37_a_join_that_lost_a_race_after_its_first_read_is_decided_on_a_new_one(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    of_ada, of_ben = matched(world, ada, ben)
    day = world.day(ada, SLOT)
    world.join(ben, of_ben)
    join_session(world.context, ada, of_ada["sessionId"], begun=lambda: day)
    assert None not in joined(world.session(ada, of_ada))
    world.check()


def test_r47_no_one_joins_after_a_suspension_that_the_admission_did_not_see(world: World) -> None:
    """The own day may be read after the suspension, and then nothing in the commit would show it."""
    ada, ben = world.members("Ada", "Ben")
    of_ada, _ = matched(world, ada, ben)
    world.now = SLOT.start
    suspend(world, ada)
    before = take_snapshot(world.table)
    assert outcome(lambda: world.join(ada, of_ada)) is Suspended
    assert take_snapshot(world.table) == before


def test_r33_no_one_joins_after_the_deletion_of_the_account(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    of_ada, _ = matched(world, ada, ben)
    world.now = SLOT.start
    world.leave(ada)
    assert outcome(lambda: world.join(ada, of_ada)) in (Unauthenticated, NotFound, Busy)
    seen = world.seen(ben, SLOT)
    assert joined(seen) == [None, None]


def test_r33_a_join_in_flight_conflicts_with_the_deletion_of_the_account(world: World, faults: FaultProxy) -> None:
    """Deleting an account bumps no day that has begun, so only the check of the account can fail the write."""
    ada, ben = world.members("Ada", "Ben")
    of_ada, _ = matched(world, ada, ben)
    world.now = SLOT.start
    faults.hold_next()

    def leave() -> None:
        assert faults.held.wait(60)
        world.begin_to_leave(ada)
        faults.release_held()

    at_once([partial(outcome, lambda: world.join(ada, of_ada)), leave])
    assert joined(world.seen(ben, SLOT)) == [None, None]


def test_r33_a_new_account_of_the_person_cannot_join_the_sessions_of_the_deleted_one(world: World) -> None:
    claims = Claims(world.settings.issuer, "Ada", "Ada", None, "UTC", MONDAY)
    ada, ben = get_or_create_member(world.context, claims), world.member("Ben")
    of_ada, _ = matched(world, ada, ben)
    world.now = SLOT.start
    world.leave(ada)
    returned = get_or_create_member(world.context, replace(claims, signed_in_at=world.now + timedelta(days=1)))
    assert outcome(lambda: world.join(returned, of_ada)) is NotFound


def report(world: World, member: Profile, session: Session, **changes: Any) -> None:
    """Let the room provider report a join, with `changes` of the report."""
    page = world.session(member, session)["roomUrl"] or ""
    name = room_name(world.settings.identity_key, page.rpartition("/")[2])
    reported = ReportedJoin(member.member_id, session["sessionId"], name)
    join_by_report(world.context, replace(reported, **changes))


def test_r37_a_provider_reports_a_join_also_with_a_room_name_in_capitals(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    of_ada, of_ben = matched(world, ada, ben)
    report(world, ada, of_ada)
    name = room_name(world.settings.identity_key, of_ben["roomUrl"].rpartition("/")[2])
    report(world, ben, of_ben, room_name=name.upper())
    assert joined(world.session(ada, of_ada)) == ["2026-03-02T08:50:00+00:00"] * 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"room_name": "another-room"},
        {"booking_id": "made-up"},
        {"member_id": "made-up"},
        {"member_id": "0" * 24},
    ],
)
def test_r37_a_report_of_another_room_session_or_member_changes_nothing(world: World, wrong: dict[str, str]) -> None:
    ada, ben = world.members("Ada", "Ben")
    of_ada, _ = matched(world, ada, ben)
    before = take_snapshot(world.table)
    report(world, ada, of_ada, **wrong)
    assert take_snapshot(world.table) == before


def test_r37_a_report_of_another_members_session_changes_nothing(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    of_ada, of_ben = matched(world, ada, ben)
    before = take_snapshot(world.table)
    report(world, ada, of_ada, booking_id=of_ben["sessionId"])
    assert take_snapshot(world.table) == before


@pytest.mark.parametrize("now", [OPENS - INSTANT, SLOT.end + INSTANT])
def test_r37_a_report_outside_of_the_times_of_joining_changes_nothing(world: World, now: Any) -> None:
    ada, ben = world.members("Ada", "Ben")
    of_ada, _ = matched(world, ada, ben)
    world.now = now
    before = take_snapshot(world.table)
    report(world, ada, of_ada)
    assert take_snapshot(world.table) == before
