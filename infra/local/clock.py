"""The service's clock, which can be moved."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def real_time() -> datetime:
    """Answer the instant it really is."""
    return datetime.now(UTC)


class MovableClock:
    """Real time plus a distance, so that it runs on from wherever it was set."""

    def __init__(self, real: Callable[[], datetime] = real_time) -> None:
        self._real = real
        self._ahead = timedelta(0)

    def __call__(self) -> datetime:
        """Answer the instant it is for the service."""
        return self._real() + self._ahead

    def set(self, now: datetime | None) -> None:
        """Set it to `now`, or back to real time."""
        self._ahead = timedelta(0) if now is None else now - self._real()
