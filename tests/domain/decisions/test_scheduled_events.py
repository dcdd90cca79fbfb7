"""The events that the clock alone brings about."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from chalicelib.domain.decisions.scheduled_events import (
    MOST_FAILED,
    TRIED_FOR,
    after_run,
    announced_since,
    due_starts,
    ended_second_chances,
    scheduled_events,
)
from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.event import Event, EventKind, event_id
from chalicelib.domain.model.session_start import AnnouncedStarts, StartRow
from tests.domain.samples import NOON, SLOT, pair, waiting

START = SLOT.start
DUE = START - timedelta(minutes=10)
SECOND = timedelta(seconds=1)
LONG_AGO = NOON - timedelta(days=9)
ADA = waiting("ada")
MATCHED, _ = pair(ADA, waiting("ben"))
LOCKED_IN, _ = pair(ADA, waiting("ben"), State.LOCKED_IN)
CANCELLED = ADA.cancelled(NOON)


def kinds(booking: Booking, since: datetime, now: datetime) -> list[str]:
    return [event.kind.removeprefix("session.") for event in scheduled_events(booking, since, now)]


@pytest.mark.parametrize(
    ("since", "now", "expected"),
    [
        (LONG_AGO, DUE - SECOND, []),
        (LONG_AGO, DUE, ["starting"]),
        (DUE, DUE + SECOND, []),
        (DUE - SECOND, START - SECOND, ["starting"]),
        # It is too late to announce that the session will begin.
        (DUE - SECOND, START, ["unmatched"]),
        (START - SECOND, START, ["unmatched"]),
        (START, START + SECOND, []),
        (LONG_AGO, START + timedelta(days=1), ["unmatched"]),
    ],
)
def test_r42_each_event_is_due_once(since: datetime, now: datetime, expected: list[str]) -> None:
    assert kinds(ADA, since, now) == expected
    paired = [kind for kind in expected if kind != "unmatched"]
    assert kinds(MATCHED, since, now) == kinds(LOCKED_IN, since, now) == paired
    assert kinds(CANCELLED, since, now) == []


def test_r38_after_a_second_chance_a_member_is_unmatched_10_minutes_after_the_start() -> None:
    ended = START + timedelta(minutes=10)
    seeking = replace(ADA, joined_at=START).seeking_again(START + timedelta(minutes=4))
    assert kinds(seeking, START, ended - SECOND) == []
    assert kinds(seeking, START, ended) == kinds(seeking, ended - SECOND, ended + timedelta(days=1)) == ["unmatched"]
    assert kinds(seeking, ended, ended + SECOND) == []
    (unmatched,) = scheduled_events(seeking, START, ended)
    assert unmatched.at == ended
    assert kinds(MATCHED.missed(), LONG_AGO, ended) == []


@pytest.mark.parametrize("seconds", [0, 1, 599, 600, 601, 899])
def test_r38_every_second_chance_that_ends_between_two_runs_is_visited_once(seconds: int) -> None:
    since = NOON + timedelta(seconds=seconds)
    for minutes in (1, 7, 200):
        now = since + timedelta(minutes=minutes)
        quarters = [NOON - timedelta(hours=1) + timedelta(minutes=15 * n) for n in range(30)]
        wanted = [start for start in quarters if since < start + timedelta(minutes=10) <= now]
        assert ended_second_chances(since, now) == wanted


def test_r42_an_event_has_the_instant_at_which_it_was_due_and_one_id_for_every_run() -> None:
    for now in (DUE, START - SECOND):
        key = event_id(ADA.booking_id, EventKind.STARTING)
        assert scheduled_events(ADA, LONG_AGO, now) == [
            Event(key, EventKind.STARTING, "ada", DUE, SLOT, ADA.booking_id)
        ]
    (unmatched,) = scheduled_events(replace(ADA, title="another"), LONG_AGO, START + timedelta(hours=1))
    key = event_id(ADA.booking_id, EventKind.UNMATCHED)
    assert unmatched == Event(key, EventKind.UNMATCHED, "ada", START, SLOT, ADA.booking_id)


@pytest.mark.parametrize("offset", [0, 1, 299, 300, 301, 899])
def test_r42_every_start_with_an_event_due_between_two_runs_is_visited(offset: int) -> None:
    """A run every minute, a late one, and one after hours, from any second of a quarter hour."""
    since = NOON + timedelta(seconds=offset)
    for minutes in (1, 7, 200):
        now = since + timedelta(minutes=minutes)
        quarters = [NOON - timedelta(hours=1) + timedelta(minutes=15 * n) for n in range(30)]
        wanted = [start for start in quarters if kinds(replace(ADA, slot=replace(SLOT, start=start)), since, now)]
        visited = due_starts(since, now)
        assert set(wanted) <= set(visited)
        assert visited == sorted(set(visited) & set(quarters))
    assert due_starts(NOON, NOON + timedelta(minutes=4)) == []


def test_r42_the_starts_around_midnight_are_on_the_grid() -> None:
    midnight = NOON.replace(hour=0) + timedelta(days=1)
    assert due_starts(midnight - timedelta(minutes=10, seconds=1), midnight) == [midnight]
    assert due_starts(midnight - SECOND, midnight + timedelta(minutes=5)) == [
        midnight,
        midnight + timedelta(minutes=15),
    ]


def test_r42_a_run_begins_where_the_last_one_ended() -> None:
    ago = timedelta(minutes=10)
    assert announced_since(NOON - timedelta(hours=3), NOON) == NOON - timedelta(hours=3)
    # Not at all before, or before the clock was set back.
    assert announced_since(None, NOON) == NOON - ago
    assert announced_since(NOON + timedelta(minutes=2), NOON) == NOON - ago
    # The clocks of two machines differ by a little.
    assert announced_since(NOON + SECOND, NOON) == NOON + SECOND
    # After a long pause, or after time travel.
    assert announced_since(NOON - timedelta(days=300), NOON) == NOON - timedelta(days=2)


def test_r42_a_session_that_was_booked_after_the_instant_has_the_event_with_its_booking() -> None:
    """An event before the start of an account would belong to an earlier account of the person (R33)."""
    booked = replace(ADA, requested_at=DUE + timedelta(minutes=3))
    (event,) = scheduled_events(booked, LONG_AGO, DUE + timedelta(minutes=4))
    assert event.at == DUE + timedelta(minutes=3)


def test_r42_the_next_run_tries_a_few_failed_sessions_alone_and_after_an_outage_all_again() -> None:
    rows = [StartRow(member_id=f"{n}", booking_id="", slot=SLOT) for n in range(MOST_FAILED + 1)]
    assert after_run(DUE, START, []) == AnnouncedStarts(until=START)
    assert after_run(DUE, START, rows[1:]) == AnnouncedStarts(until=START, failed=tuple(rows[1:]))
    assert after_run(LONG_AGO, START, rows) == AnnouncedStarts(until=START - TRIED_FOR)
    assert after_run(START - SECOND, START, rows) == AnnouncedStarts(until=START - SECOND)
