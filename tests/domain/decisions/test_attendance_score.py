"""The attendance score (R39)."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from chalicelib.domain.decisions.attendance_score import AttendanceScore, is_scored, score_of
from chalicelib.domain.model.booking import Booking, State
from tests.domain.samples import INSTANT, NOON, SLOT, pair, waiting

MINUTE = timedelta(minutes=1)
ADA, BEN = waiting("ada"), waiting("ben")
MATCHED = pair(ADA, BEN)[0]
LOCKED_IN = pair(ADA, BEN, State.LOCKED_IN)[0]
MISSED = replace(ADA, state=State.MISSED, queue_position=None)


def joined(at: datetime | None) -> Booking:
    return replace(MATCHED, joined_at=at)


@pytest.mark.parametrize(
    ("booking", "scored"),
    [
        (MATCHED, True),
        (LOCKED_IN, True),
        (MISSED, True),
        # The partner cancelled, or was given up and no other one came.
        (ADA, False),
        (replace(ADA, joined_at=SLOT.start), False),
        (MATCHED.cancelled(NOON), False),
    ],
)
def test_r39_a_session_counts_from_its_end_if_it_is_paired_or_missed(booking: Booking, scored: bool) -> None:
    assert not is_scored(booking, SLOT.end - INSTANT)
    assert is_scored(booking, SLOT.end) is scored


@pytest.mark.parametrize(
    ("booking", "in_time"),
    [
        (joined(SLOT.start - 10 * MINUTE), 1),
        (joined(SLOT.start + 5 * MINUTE), 1),
        (joined(SLOT.start + 5 * MINUTE + INSTANT), 0),
        (joined(None), 0),
        (MISSED, 0),
    ],
)
def test_r39_a_member_is_in_time_up_to_5_minutes_after_the_start(booking: Booking, in_time: int) -> None:
    assert score_of([booking], SLOT.end) == AttendanceScore(1, in_time)


def test_r39_the_score_is_of_the_last_20_sessions_that_count() -> None:
    in_time, late = joined(SLOT.start), joined(None)
    assert score_of([ADA, *[in_time] * 19, ADA, late, late], SLOT.end) == AttendanceScore(20, 19)
    assert score_of([late, *[in_time] * 30], SLOT.end) == AttendanceScore(20, 19)


def test_r39_no_more_bookings_are_read_than_count() -> None:
    bookings = iter([joined(SLOT.start)] * 30)
    score_of(bookings, SLOT.end)
    assert len(list(bookings)) == 10


@pytest.mark.parametrize(
    ("score", "share"),
    [
        (AttendanceScore(), None),
        (AttendanceScore(20, 19), 0.95),
        (AttendanceScore(3, 2), 0.67),
        (AttendanceScore(1), 0),
    ],
)
def test_r39_the_share_has_two_decimals_and_does_not_exist_without_a_session(
    score: AttendanceScore, share: float | None
) -> None:
    assert score.share == share


@pytest.mark.parametrize(
    ("score", "below"),
    [
        (AttendanceScore(9, 0), False),
        (AttendanceScore(10, 7), True),
        (AttendanceScore(10, 8), False),
        (AttendanceScore(20, 15), True),
        (AttendanceScore(20, 16), False),
        # 79.99 % rounded is no 80 %, so counts are compared and not shares.
        (AttendanceScore(19, 15), True),
    ],
)
def test_r39_a_least_score_applies_from_the_tenth_session_on(score: AttendanceScore, below: bool) -> None:
    assert score.is_below(80) is below
    assert not score.is_below(0)
