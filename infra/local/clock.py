"""The movable clock of the local run."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def real_time() -> datetime:
    """Return the real present instant."""
    return datetime.now(UTC)


class MovableClock:
    """Real time plus an offset, so that the clock runs on from the instant it was set to."""

    def __init__(self, real: Callable[[], datetime] = real_time) -> None:
        self._real = real
        self._ahead = timedelta(0)

    def __call__(self) -> datetime:
        """Return the service's present instant."""
        return self._real() + self._ahead

    def set(self, now: datetime | None) -> None:
        """Set the clock to `now`, or back to real time with None."""
        self._ahead = timedelta(0) if now is None else now - self._real()
