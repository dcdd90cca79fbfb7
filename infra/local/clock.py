"""The movable clock of the local run."""

from bisect import bisect_right
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from operator import itemgetter

# The engine dates the records of its stream in whole seconds.
_SECOND = timedelta(seconds=1)


def real_time() -> datetime:
    """Return the real present instant."""
    return datetime.now(UTC)


class MovableClock:
    """Real time plus an offset, so that the clock runs on from the instant it was set to."""

    def __init__(self, real: Callable[[], datetime] = real_time) -> None:
        self._real = real
        # The offsets by the real instant from which each counts, the earliest first.
        self._offsets: list[tuple[datetime, timedelta]] = []

    def __call__(self) -> datetime:
        """Return the service's present instant."""
        return self._real() + (self._offsets[-1][1] if self._offsets else timedelta(0))

    def set(self, now: datetime | None) -> None:
        """Set the clock to `now`, or back to real time with None."""
        real = self._real()
        self._offsets.append((real, timedelta(0) if now is None else now - real))

    def instant_of(self, record: datetime) -> datetime:
        """Return the service's instant of a record that the engine dated in real time, in whole seconds.

        A record of the second in which the clock was set is taken for a later one.
        """
        place = bisect_right(self._offsets, record + _SECOND, key=itemgetter(0))
        if not place:
            return record
        since, offset = self._offsets[place - 1]
        return max(record, since) + offset
