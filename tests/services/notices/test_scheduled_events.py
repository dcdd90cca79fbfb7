"""Sessions that are about to start, or start without a partner, are announced whenever the schedule runs."""

from datetime import timedelta
from functools import partial

import pytest
from msgspec.structs import replace

from bench.request_units import RequestUnitLedger
from chalicelib.domain.decisions.scheduled_events import scheduled_events
from chalicelib.domain.model.booking import State
from chalicelib.domain.model.member import Profile, RelationKind
from chalicelib.metrics import collect_metrics
from chalicelib.services.notices.event_log import announce
from chalicelib.services.notices.scheduled_events import _still_due, announce_starts
from chalicelib.storage import start_reads
from chalicelib.storage.document_keys import ANNOUNCED_STARTS, START_SHARDS
from tests.announcements import announce_all, logged, logged_kinds, record_channels
from tests.harness import MONDAY, World, at

NINE = at(1)
DUE = NINE.start - timedelta(minutes=10)


def three(world: World) -> list[Profile]:
    """Return a waiting member and a locked-in pair at nine, with the events of their bookings announced."""
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.book(ben, NINE)
    world.favorite(cy, ben)
    world.lock(cy, ben, NINE)
    for other in (ben, cy):
        world.say(ada, RelationKind.SNOOZE, other, until=at(9).start)
    world.book(ada, NINE)
    announce_all(world)
    return [ada, ben, cy]


def test_r42_each_active_session_is_announced_before_its_start_and_a_waiting_one_at_its_start(world: World) -> None:
    bus, _ = record_channels(world)
    ada, ben, cy = three(world)
    bus.events.clear()
    counts = []
    for now in (
        DUE - timedelta(seconds=1),
        DUE,
        DUE + timedelta(minutes=1),
        NINE.start,
        NINE.start + timedelta(minutes=1),
    ):
        world.now = now
        counts.append(announce_starts(world.context))
    assert counts == [0, 3, None, 1, None]
    assert [logged_kinds(world, member)[-2:] for member in (ada, ben, cy)] == [
        ["starting", "unmatched"],
        ["locked_in", "starting"],
        ["locked_in", "starting"],
    ]
    assert [event.at for event in logged(world, ada)[-2:]] == [DUE, NINE.start]
    assert len(bus.events) == 4


def test_r42_sessions_that_start_together_are_announced_in_parallel(world: World) -> None:
    three(world)
    world.now = DUE
    with RequestUnitLedger(world.table.connection.client) as ledger, ledger.entry("starts") as entry:
        assert announce_starts(world.context) == 3
    # The instant of the last run, the new one, and a query for each shard of the list, with the sessions found so far
    # in parallel. Three sessions after each other would take four round trips each.
    assert entry.round_trips <= 1 + 1 + 2 * START_SHARDS


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize("late", [0, 59, 540, 599])
def test_r42_a_missed_or_late_run_is_made_up_for(world: World, late: int) -> None:
    record_channels(world)
    ada, *_ = three(world)
    world.now = DUE - timedelta(hours=1)
    announce_starts(world.context)
    world.now = DUE + timedelta(seconds=late)
    announce_starts(world.context)
    assert logged_kinds(world, ada)[-1] == "starting"
    world.now = NINE.start + timedelta(hours=30)
    announce_starts(world.context)
    assert logged_kinds(world, ada)[-2:] == ["starting", "unmatched"]


def test_r42_a_killed_run_is_repeated_with_the_same_ids(world: World) -> None:
    bus, _ = record_channels(world)
    members = three(world)
    bus.events.clear()
    world.now = DUE
    announce_starts(world.context)
    first = [event.event_id for event in bus.events]
    assert len(set(first)) == 3
    # The run ended before it stored that it is done.
    world.table.delete_item(*ANNOUNCED_STARTS)
    announce_starts(world.context)
    assert sorted(event.event_id for event in bus.events) == sorted(first * 2)
    assert [logged_kinds(world, member).count("starting") for member in members] == [1, 1, 1]


def test_r42_a_session_that_fails_stops_no_other_and_is_tried_again(world: World) -> None:
    bus, _ = record_channels(world)
    members = three(world)
    world.now = DUE
    bus.failures = 1
    with collect_metrics() as metrics:
        assert announce_starts(world.context) == 2
    assert metrics.error is not None
    bus.events.clear()
    world.now = DUE + timedelta(minutes=1)
    announce_starts(world.context)
    # The other two are not announced again.
    assert len(bus.events) == 1
    assert [logged_kinds(world, member).count("starting") for member in members] == [1, 1, 1]
    # It is not tried for ever.
    world.now = NINE.start
    bus.failures = 1
    announce_starts(world.context)
    world.now = NINE.start + timedelta(minutes=11)
    bus.failures = 1
    announce_starts(world.context)
    world.now += timedelta(minutes=1)
    assert announce_starts(world.context) is None


def test_r42_an_event_that_a_cancel_overtook_is_not_announced(world: World) -> None:
    record_channels(world)
    ada = world.member("Ada")
    world.cancel(ada, world.book(ada, NINE))
    announce_all(world)
    booking = world.day(ada, NINE).bookings[0]
    # As the schedule read the day before the cancel.
    (starting,) = scheduled_events(replace(booking, state=State.WAITING), MONDAY, DUE)
    claim = partial(_still_due, world.context, starting, MONDAY, DUE)
    announce(world.context, starting.event_id, [starting], claim=claim)
    assert logged_kinds(world, ada) == ["booked", "cancelled"]


def test_r42_a_cancelled_session_is_not_announced(world: World) -> None:
    record_channels(world)
    ada, ben, cy = members = three(world)
    session = world.seen(ben, NINE)
    assert session
    world.cancel(ben, session)
    # The stream has not yet reported the cancel, and the row is still there.
    world.now = DUE
    assert announce_starts(world.context) == 2
    announce_all(world)
    rows = list(start_reads.sessions_starting_at(world.table, [NINE.start]))
    assert {row.member_id for row in rows} == {ada.member_id, cy.member_id}
    world.now = NINE.start
    assert announce_starts(world.context) == 2
    assert [logged_kinds(world, member)[-1] for member in members] == ["unmatched", "cancelled", "unmatched"]


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (601, ["booked"]),
        (600, ["booked", "starting"]),
        (1, ["booked", "starting"]),
        (0, ["booked", "unmatched"]),
        (-3600, ["booked", "unmatched"]),
    ],
)
def test_r42_a_session_whose_booking_is_reported_after_the_run_of_its_start_is_announced_at_once(
    world: World, before: int, expected: list[str]
) -> None:
    """It was booked shortly before its start, or the stream was late."""
    record_channels(world)
    ada = world.member("Ada")
    world.now = NINE.start - timedelta(seconds=max(before, 1))
    world.book(ada, NINE)
    world.now = NINE.start - timedelta(seconds=before)
    announce_starts(world.context)
    announce_all(world)
    assert logged_kinds(world, ada) == expected
    for minutes in (1, 11, 30):
        world.now = NINE.start - timedelta(seconds=before) + timedelta(minutes=minutes)
        announce_starts(world.context)
    kinds = [event.kind for event in logged(world, ada)]
    assert len(kinds) == len(set(kinds))
    assert logged_kinds(world, ada)[-1] == "unmatched"


def test_r42_a_clock_that_was_set_back_stops_no_later_announcement(world: World) -> None:
    record_channels(world)
    ada, *_ = three(world)
    world.now = at(2000).start
    announce_starts(world.context)
    world.now = DUE
    announce_starts(world.context)
    assert logged_kinds(world, ada)[-1] == "starting"


def test_r36_a_run_without_a_due_start_costs_one_read(world: World) -> None:
    record_channels(world)
    three(world)
    world.now = DUE
    announce_starts(world.context)
    world.now = DUE + timedelta(minutes=1)
    with collect_metrics() as metrics:
        assert announce_starts(world.context) is None
    assert (metrics.read_units, metrics.write_units) == (1, 0)
