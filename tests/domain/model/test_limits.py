"""The limits of one member at their exact values (R36)."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.day import Day, Days
from chalicelib.domain.model.errors import RateLimited
from chalicelib.domain.model.limits import (
    LARGEST_BATCH,
    LimitKind,
    MemberLimits,
    VersionedLimit,
    bookings_ahead,
    check_bookings,
    check_cancelled_locks,
    check_cancelled_matches,
    check_failed_links,
    is_far_below,
    uses_by_bookings,
    versioned_limit_of,
    versioned_limit_of_failed_links,
)
from chalicelib.domain.model.slot import Slot, dates_ahead
from tests.domain.samples import NOON, days_of, waiting

TODAY = NOON.date()
LIMITS = MemberLimits(cancelled_locks=3, cancelled_locks_in_all=5)


def booked(*hours: int) -> list[Booking]:
    """Return bookings that start these numbers of hours from noon."""
    return [
        replace(waiting("ada", Slot(NOON + timedelta(hours=hour), 25)), booking_id=f"booking {hour}") for hour in hours
    ]


def cancelled(on: date, **counts: int) -> Day:
    """Return a day of next week with these numbers of cancelled locks by target."""
    return Day("ada", TODAY + timedelta(days=7), cancelled_locks=counts, cancelled_on=on)


def refused(days: Iterable[Day], target: str = "ben", now: datetime = NOON) -> bool:
    try:
        check_cancelled_locks(LIMITS, days, target, now)
    except RateLimited:
        return True
    return False


def test_r36_the_default_limits_are_those_of_the_rules() -> None:
    defaults = MemberLimits(
        bookings=200,
        favorites=200,
        blocks=500,
        links=50,
        keys=50,
        block_changes=100,
        cancelled_locks=5,
        cancelled_locks_in_all=50,
        tries=50,
        cancelled_matches=20,
        responses=500,
    )
    assert MemberLimits() == defaults


def test_only_active_bookings_that_have_not_started_are_ahead() -> None:
    started, later, soon, tomorrow = booked(0, 5, 1, 24)
    withdrawn = replace(booked(3)[0].cancelled(NOON), booking_id="cancelled")
    assert bookings_ahead(days_of(tomorrow, started, later, soon, withdrawn), NOON) == [soon, later, tomorrow]


def test_r36_a_versioned_limit_starts_at_zero_and_grows_by_one() -> None:
    limit = versioned_limit_of("ada", LimitKind.LINKS)
    assert limit == VersionedLimit("ada", "links", version=0, expires=None)
    assert limit.passed().passed() == VersionedLimit("ada", "links", version=2)


def test_r36_the_tries_of_a_date_have_their_own_limit_which_expires_two_days_after_it_began() -> None:
    expires = datetime(2026, 3, 4, tzinfo=UTC)
    assert versioned_limit_of_failed_links("ada", NOON) == VersionedLimit("ada", "tries#2026-03-02", expires=expires)


def test_r36_bookings_need_a_versioned_limit_once_all_dates_ahead_could_be_booked_concurrently() -> None:
    days = days_of(*booked(1, 2, 3))
    close = 3 + len(dates_ahead(NOON)) + LARGEST_BATCH
    assert not is_far_below(close, days, NOON)
    assert is_far_below(close + 1, days, NOON)


def test_r36_the_last_booking_within_the_limit_is_allowed_and_the_next_refused() -> None:
    days = days_of(*booked(5, 2, -1))
    check_bookings(3, days, replaced=0, now=NOON)
    with pytest.raises(RateLimited) as refusal:
        check_bookings(2, days, replaced=0, now=NOON)
    # The first start frees a place.
    assert refusal.value.retry_after == timedelta(hours=2)
    assert "2 sessions" in refusal.value.detail


def test_r36_replaced_bookings_do_not_count() -> None:
    check_bookings(2, days_of(*booked(1, 2)), replaced=1, now=NOON)


def test_r36_a_limit_of_zero_bookings_refuses_with_a_day_to_wait() -> None:
    with pytest.raises(RateLimited) as refusal:
        check_bookings(0, Days(), replaced=0, now=NOON)
    assert refusal.value.retry_after == timedelta(days=1)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([{"ben": 2}], False),
        ([{"ben": 3}], True),
        ([{"ben": 2}, {"ben": 1}], True),
        ([{"cy": 3}, {"ben": 1}], False),
        ([{"cy": 3}, {"dee": 2}], True),
    ],
)
def test_r36_cancelled_locks_count_for_the_target_and_in_all_over_every_day(
    counts: list[dict[str, int]], expected: bool
) -> None:
    assert refused(cancelled(TODAY, **of_day) for of_day in counts) is expected


def test_r36_locks_that_were_cancelled_on_another_date_do_not_count() -> None:
    assert not refused([cancelled(TODAY - timedelta(days=1), ben=9), cancelled(TODAY, ben=2)])
    assert not refused([cancelled(TODAY, ben=9)], now=NOON + timedelta(days=1))


@pytest.mark.parametrize("counts", [{"ben": 3}, {"cy": 5}])
def test_r36_a_lock_beyond_the_limit_may_be_tried_again_from_midnight(counts: dict[str, int]) -> None:
    with pytest.raises(RateLimited) as refusal:
        check_cancelled_locks(LIMITS, [cancelled(TODAY, **counts)], "ben", NOON + timedelta(hours=1))
    assert refusal.value.retry_after == timedelta(hours=11)


def test_r36_cancelled_matches_of_every_day_add_up_until_midnight() -> None:
    tomorrow, yesterday = TODAY + timedelta(days=1), TODAY - timedelta(days=1)
    counted = [Day("ada", on, cancelled_matches=2, cancelled_on=TODAY) for on in (TODAY, tomorrow)]
    earlier = Day("ada", tomorrow, cancelled_matches=9, cancelled_on=yesterday)
    check_cancelled_matches(5, [*counted, earlier], NOON)
    for limit in (3, 4):
        with pytest.raises(RateLimited) as refusal:
            check_cancelled_matches(limit, counted, NOON + timedelta(hours=1))
        assert refusal.value.retry_after == timedelta(hours=11)
    check_cancelled_matches(4, counted, NOON + timedelta(days=1))


def test_r36_the_last_try_within_the_limit_is_allowed_and_the_next_refused() -> None:
    check_failed_links(50, VersionedLimit("ada", "tries", version=49), NOON)
    with pytest.raises(RateLimited) as refusal:
        check_failed_links(50, VersionedLimit("ada", "tries", version=50), NOON)
    assert refusal.value.retry_after == timedelta(hours=12)


def test_r36_the_uses_by_bookings_count_the_days_as_the_checks_do() -> None:
    tomorrow = TODAY + timedelta(days=1)
    counts = {"cancelled_on": TODAY, "cancelled_matches": 2, "recorded_responses": 4, "cancelled_locks": {"ben": 3}}
    days = [*days_of(*booked(5, 2, -1)), Day("ada", tomorrow, **counts), Day("ada", TODAY, cancelled_on=tomorrow)]
    used = {use.name: (use.quota, use.used, use.resets_in) for use in uses_by_bookings(MemberLimits(), days, NOON)}
    midnight = timedelta(hours=12)
    assert used == {
        "bookings": (200, 2, timedelta(hours=2)),
        "cancelled-matches": (20, 2, midnight),
        "cancelled-locks": (50, 3, midnight),
        "idempotency-keys": (500, 4, midnight),
    }
