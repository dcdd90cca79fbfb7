"""The attendance score of a member (R39)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice

from msgspec import Struct

from chalicelib.domain.model.booking import Booking, State

# A member who joins up to this time after the start is in time.
IN_TIME = timedelta(minutes=5)
# The score is of this number of sessions. A least score applies from the second number on.
MOST_SCORED = 20
LEAST_SCORED = 10
# The maximum number of sessions ahead of a member below the least score.
MOST_AHEAD_BELOW = 3


class AttendanceScore(Struct, frozen=True):
    """The number of a member's latest paired sessions that ended, and of those that the member joined in time."""

    sessions: int = 0
    joined_in_time: int = 0

    @property
    def share(self) -> float | None:
        """The share of the sessions joined in time, None without a session."""
        return round(self.joined_in_time / self.sessions, 2) if self.sessions else None

    def is_below(self, least: int) -> bool:
        """Return whether the score is below a least one in percent, which applies from the tenth session on."""
        return self.sessions >= LEAST_SCORED and self.joined_in_time * 100 < least * self.sessions


def score_of(newest_first: Iterable[Booking], now: datetime) -> AttendanceScore:
    """Return the score of a member by the latest 20 bookings that count."""
    scored = list(islice((booking for booking in newest_first if is_scored(booking, now)), MOST_SCORED))
    return AttendanceScore(len(scored), sum(map(_is_joined_in_time, scored)))


def is_scored(booking: Booking, now: datetime) -> bool:
    """Return whether the booking is a session that ended and was paired up to its end, or that its owner missed.

    A session is not paired if the partner cancelled it, or was given up for another one that never came (R38).
    """
    return now >= booking.slot.end and (booking.partner is not None or booking.state is State.MISSED)


def _is_joined_in_time(booking: Booking) -> bool:
    return booking.joined_at is not None and booking.joined_at <= booking.slot.start + IN_TIME
