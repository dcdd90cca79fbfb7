"""Suspension of a member in two steps, with requests on their way and crashes, and its end (R47)."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.decisions.write_set import SETTLE
from chalicelib.domain.model.errors import InvalidRequest, NotAvailable, NotFound, Suspended, Unauthenticated
from chalicelib.domain.model.ids import token_digest
from chalicelib.domain.model.ledger_entry import LedgerEntry, LedgerKind
from chalicelib.domain.model.member import RelationKind, Tombstone
from chalicelib.domain.model.staff_line import StaffAct
from chalicelib.domain.model.suspension import Suspension
from chalicelib.metrics import collect_metrics
from chalicelib.services.bookings.availability import calendar, favorites_availability
from chalicelib.services.jobs import run_jobs
from chalicelib.services.members.profiles import Claims, get_or_create_member
from chalicelib.services.notices.live_connections import MOST_CONNECTIONS, open_connection
from chalicelib.services.staff.staff_log import list_acts
from chalicelib.services.staff.suspend import run_suspension, suspend_member
from chalicelib.storage import job_reads, notice_reads, reads
from tests.fault_proxy import Fault, FaultProxy
from tests.harness import MONDAY, World, at
from tests.live_gateway import LiveGateway
from tests.recorded_ledger import record_acts
from tests.repeat_run import bookings, repeated, run_schedule, starts
from tests.staff_acts import REASON, SOL, begin_to_suspend, lift, meanwhile, suspend

NINE, LATER, NEXT_DAY = at(1), at(3), at(25)


def jobs_of(world: World) -> list[str]:
    return [job_id for shard in range(2) for job_id in job_reads.job_ids(world.table, shard)]


def acts(world: World) -> list[tuple[StaffAct, str | None, str | None]]:
    lines = list_acts(world.context, after=None, limit=None).items
    assert {line.by for line in lines} <= {SOL}
    return [(line.act, line.user_id, line.reason) for line in reversed(lines)]


def test_r47_a_suspension_cancels_what_is_ahead_as_if_by_the_member_and_counts_no_limit(world: World) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.favorite(ada, cy)
    for one, slot in ((ben, NINE), (ada, NINE), (cy, LATER), (ada, NEXT_DAY)):
        world.book(one, slot)
    world.lock(ada, cy, LATER)
    assert [world.state(ada, slot) for slot in (NINE, LATER, NEXT_DAY)] == [
        ("matched", "Ben"),
        ("locked_in", "Cy"),
        ("waiting", None),
    ]
    suspend(world, ada)
    assert bookings(world, ada) == []
    assert [one.state for one in bookings(world, ada, cancelled=True)] == ["cancelled"] * 3
    for partner, slot in ((ben, NINE), (cy, LATER)):
        session = world.seen(partner, slot)
        assert session
        assert (session["state"], session["lastChange"]["kind"]) == ("waiting", "partner_cancelled")
        assert world.day(partner, slot).was_cancelled_by(slot, ada.member_id)
    day = world.day(ada, NINE)
    assert (day.cancelled_matches, day.cancelled_locks) == (0, {})
    world.check()


def test_r47_a_cancel_by_the_member_leaves_the_partner_in_the_same_state(world: World) -> None:
    ada, ben, dee, eve = world.members("Ada", "Ben", "Dee", "Eve")
    for one, slot in ((ben, NINE), (ada, NINE), (eve, LATER), (dee, LATER)):
        world.book(one, slot)
    suspend(world, ada)
    world.cancel(dee, world.seen(dee, LATER) or {})
    left, by_hand = world.seen(ben, NINE), world.seen(eve, LATER)
    assert left
    assert by_hand
    own = ("sessionId", "startTime", "users")
    assert {key: value for key, value in left.items() if key not in own} == {
        key: value for key, value in by_hand.items() if key not in own
    }


def test_r47_a_crash_after_the_first_step_is_finished_by_the_job_which_stays_for_a_minute(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ben, NINE)
    world.book(ada, NINE)
    begin_to_suspend(world, ada)
    world.check()
    run_jobs(world.context)
    assert bookings(world, ada) == []
    assert len(jobs_of(world)) == 1
    world.now += SETTLE
    run_jobs(world.context)
    assert jobs_of(world) == []
    world.check()


def test_r47_a_member_whose_bookings_are_not_cancelled_yet_can_neither_be_seen_nor_paired(world: World) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.favorite(ben, ada)
    world.book(ada, NINE)
    begin_to_suspend(world, ada)
    assert favorites_availability(world.context, ben) == []
    assert calendar(world.context, ben, MONDAY, MONDAY + timedelta(days=1), None) == []
    with pytest.raises(NotAvailable):
        world.lock(ben, ada, NINE)
    assert world.book(cy, NINE)["state"] == "waiting"
    world.tick()
    assert world.state(cy, NINE) == ("waiting", None)


@pytest.mark.parametrize("has_day", [False, True], ids=["new day", "known day"])
@pytest.mark.parametrize("way", ["book", "lock", "accept"])
def test_r47_a_booking_on_its_way_is_refused_or_undone(
    world: World, faults: FaultProxy, way: str, has_day: bool
) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ada, ben)
    world.book(ben, NINE)
    link = world.invite(ben)
    if has_day:
        world.book(ada, LATER)
    asked = {
        "book": BookingRequest(NINE),
        "lock": BookingRequest(NINE, lock_with=ben.member_id),
        "accept": BookingRequest(NINE, invite=token_digest(link)),
    }[way]
    answer = meanwhile(faults, lambda: world.reply(ada, asked), lambda: suspend(world, ada))
    # A lock judges the booker with the target, and has one answer for all reasons of the two (R11).
    assert answer in ("suspended", "not_available") if has_day and way != "book" else answer == "suspended"
    assert bookings(world, ada) == []
    assert world.state(ben, NINE) == ("waiting", None)
    world.check()


def test_r47_a_lock_of_a_member_who_is_suspended_meanwhile_makes_no_pair(world: World, faults: FaultProxy) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ben, ada)
    world.book(ada, NINE)
    lock = BookingRequest(NINE, lock_with=ada.member_id)
    assert meanwhile(faults, lambda: world.reply(ben, lock), lambda: suspend(world, ada)) == "not_available"
    assert bookings(world, ada) == bookings(world, ben) == []


def test_r47_a_booking_whose_second_look_failed_is_cancelled_by_the_job(world: World, faults: FaultProxy) -> None:
    ada = world.member("Ada")

    def suspend_and_fail() -> None:
        suspend(world, ada)
        faults.meets = "BatchGetItem"
        faults.plan += [Fault.LOSE_REQUEST] * 2

    assert meanwhile(faults, lambda: world.reply(ada, BookingRequest(NINE)), suspend_and_fail) == "busy"
    assert len(bookings(world, ada)) == 1
    world.now += SETTLE
    run_jobs(world.context)
    assert bookings(world, ada) == []
    world.check()


def test_r47_a_late_job_cancels_nothing_after_the_end_of_the_suspension(world: World) -> None:
    ada = world.member("Ada")
    job = begin_to_suspend(world, ada)
    lift(world, ada)
    world.book(ada, NINE)
    run_suspension(world.context, job)
    assert world.state(ada, NINE) == ("waiting", None)


def test_r47_a_cancel_on_its_way_fails_at_the_end_of_the_suspension(world: World, faults: FaultProxy) -> None:
    ada = world.member("Ada")
    world.book(ada, NINE)
    job = begin_to_suspend(world, ada)

    def run() -> object:
        run_suspension(world.context, job)
        raise Suspended

    assert meanwhile(faults, run, lambda: lift(world, ada)) == "suspended"  # type: ignore[arg-type]
    assert world.state(ada, NINE) == ("waiting", None)


def test_r47_many_sessions_are_cancelled_in_several_transactions(world: World) -> None:
    ada = world.member("Ada")
    for number in range(8):
        world.book(ada, at(1 + number / 2, minutes=25))
    suspend(world, ada)
    assert bookings(world, ada) == []


def test_r47_the_repeats_pause_and_go_on_without_the_occurrences_meanwhile(world: World) -> None:
    ada = world.member("Ada")
    repeated(world, ada)
    assert len(starts(world, ada)) == 14
    suspend(world, ada)
    world.after(days=3)
    assert run_schedule(world) == 0
    assert starts(world, ada) == []
    lift(world, ada)
    run_schedule(world)
    # What was cancelled does not come back. A run makes what is due within a day too.
    assert starts(world, ada) == [MONDAY + timedelta(days=days, hours=1) for days in (14, 15, 16, 17)]
    world.check()


def test_r47_no_repeat_makes_up_for_the_time_of_the_suspension(world: World) -> None:
    ada = world.member("Ada")
    repeated(world, ada, first=MONDAY.date() + timedelta(days=1))
    suspend(world, ada)
    world.after(days=40)
    lift(world, ada)
    run_schedule(world)
    assert starts(world, ada)[0] == MONDAY + timedelta(days=40, hours=1)


def test_r47_a_suspension_closes_the_live_connections(world: World) -> None:
    gateway = world.context.channels.live = LiveGateway(open={"one", "two"})  # type: ignore[assignment]
    ada, ben = world.members("Ada", "Ben")
    for member, connection in ((ada, "one"), (ben, "two")):
        expires = world.now + timedelta(hours=1)
        open_connection(world.context, member, connection, token_expires=expires, now=world.now)
    suspend(world, ada)
    assert gateway.open == {"two"}
    assert notice_reads.live_connections_of(world.table, ada.member_id) == []


@pytest.mark.long  # Opens 20 connections.
def test_r36_a_suspension_of_a_member_with_many_pages_and_days_leaves_the_rest_to_the_job(world: World) -> None:
    world.context.channels.live = LiveGateway()
    ada = world.member("Ada")
    for number in range(MOST_CONNECTIONS):
        lasts = world.now + timedelta(hours=1)
        open_connection(world.context, ada, str(number), token_expires=lasts, now=world.now)
    for days in range(30):
        world.cancel(ada, world.book(ada, at(1 + 24 * days)))
    world.book(ada, NEXT_DAY)
    with collect_metrics() as metrics:
        suspend(world, ada)
    assert metrics.units <= 110
    assert len(bookings(world, ada)) == 1
    run_jobs(world.context)
    assert bookings(world, ada) == []
    world.check()


def test_r47_each_act_leaves_a_line_and_a_second_reason_replaces_the_first(world: World) -> None:
    ada = world.member("Ada")
    suspend(world, ada)
    world.after(hours=1)
    suspend(world, ada, "Rude again")
    found = reads.profile(world.table, ada.member_id)
    assert found
    assert found.suspension == Suspension(MONDAY, "Rude again", SOL)
    world.after(hours=1)
    lift(world, ada)
    lift(world, ada)
    assert acts(world) == [
        (StaffAct.SUSPENDED, ada.member_id, REASON),
        (StaffAct.SUSPENDED, ada.member_id, "Rude again"),
        (StaffAct.LIFTED, ada.member_id, None),
    ]
    restored = reads.profile(world.table, ada.member_id)
    assert restored
    assert replace(restored, revision="") == replace(ada, revision="")


def test_r47_a_lost_response_adds_one_line(world: World, faults: FaultProxy) -> None:
    ada = world.member("Ada")
    faults.plan += [Fault.LOSE_RESPONSE] * 2
    suspend(world, ada)
    assert acts(world) == [(StaffAct.SUSPENDED, ada.member_id, REASON)]


def test_r47_staff_can_suspend_neither_themselves_nor_an_unknown_member(world: World) -> None:
    ada = world.member("Ada")
    with pytest.raises(InvalidRequest):
        suspend_member(world.context, ada.member_id, ada.member_id, REASON)
    for unknown in ("1" * 24, "no id", ""):
        with pytest.raises(NotFound):
            suspend_member(world.context, SOL, unknown, REASON)
    assert acts(world) == []


def test_r47_neither_a_deletion_nor_a_return_ends_a_suspension(world: World) -> None:
    claims = Claims(world.settings.issuer, f"Ada {world.ids.random()}", "Ada", None, "UTC", MONDAY)
    ada = get_or_create_member(world.context, claims)
    world.book(ada, NINE)
    world.begin_to_leave(ada)
    suspend(world, ada)
    account = reads.account(world.table, ada.member_id)
    assert isinstance(account, Tombstone)
    assert account.suspension == Suspension(MONDAY, REASON, SOL)
    world.now += SETTLE
    run_jobs(world.context)
    erased = reads.account(world.table, ada.member_id)
    assert isinstance(erased, Tombstone)
    assert erased.erased
    world.check()
    with pytest.raises(Unauthenticated):
        get_or_create_member(world.context, claims)
    returning = replace(claims, signed_in_at=MONDAY + timedelta(hours=1))
    with pytest.raises(Suspended):
        get_or_create_member(world.context, returning)
    lift(world, ada)
    assert get_or_create_member(world.context, returning).member_id == ada.member_id


def test_r47_the_ledger_names_suspensions_and_their_ends(world: World) -> None:
    ledger = record_acts(world)
    ada = world.member("Ada")
    suspend(world, ada)
    world.after(hours=1)
    lift(world, ada)
    run_jobs(world.context)
    hour_later = MONDAY + timedelta(hours=1)
    assert ledger.accepted == [
        LedgerEntry(LedgerKind.SUSPENDED, ada.member_id, MONDAY),
        LedgerEntry(LedgerKind.LIFTED, ada.member_id, hour_later),
    ]


def test_r47_a_suspension_that_is_not_in_the_ledger_keeps_its_job(world: World) -> None:
    ledger = record_acts(world, failures=2)
    ada = world.member("Ada")
    suspend(world, ada)
    world.now += SETTLE
    run_jobs(world.context)
    assert (ledger.accepted, len(jobs_of(world))) == ([], 1)
    run_jobs(world.context)
    assert ledger.accepted == [LedgerEntry(LedgerKind.SUSPENDED, ada.member_id, MONDAY)]
    assert jobs_of(world) == []


def test_r47_a_suspension_of_a_deleted_account_that_is_not_in_the_ledger_is_recorded_by_the_job(world: World) -> None:
    """Otherwise the person could return to a restored table."""
    ada = world.member("Ada")
    world.leave(ada)
    ledger = record_acts(world, failures=1)
    suspend(world, ada)
    assert ledger.accepted == []
    world.now += SETTLE
    run_jobs(world.context)
    assert LedgerEntry(LedgerKind.SUSPENDED, ada.member_id, MONDAY) in ledger.accepted
    assert jobs_of(world) == []


def test_r47_a_block_of_a_suspended_member_stays(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.say(ben, RelationKind.BLOCK, ada)
    suspend(world, ada)
    lift(world, ada)
    assert world.says(ben, ada).blocked
