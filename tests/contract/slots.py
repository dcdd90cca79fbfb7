"""Slots that no other test uses, and instants in the format of the API."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from chalicelib.settings import DEFAULTS
from infra.local.dev.demo_members import SESSIONS

MINUTE = 60_000
LONGEST_FOOTPRINT = timedelta(minutes=90)
# The minutes before the start from which no random pair is moved (R22).
MOVE_CUTOFF_MINUTES = DEFAULTS["LOCKSTEP_FINAL_MINUTES"]


def text_of(instant: datetime) -> str:
    """Return an instant in the format of the API."""
    return instant.astimezone(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True)
class SlotStart:
    """The start of a slot, with the request fields that name it."""

    start: datetime

    @property
    def text(self) -> str:
        """The start in the format of the API."""
        return text_of(self.start)

    def body(self, minutes: int = 50, **fields: Any) -> dict[str, Any]:
        """Return the body of a booking request for this slot."""
        return {"startTime": self.text, "duration": minutes * MINUTE, **fields}

    def before(self, **distance: float) -> datetime:
        """Return an instant before the start."""
        return self.start - timedelta(**distance)

    def after(self, **distance: float) -> datetime:
        """Return an instant after the start."""
        return self.start + timedelta(**distance)


class Slots:
    """A source of unused starts on the hour, 2 hours apart.

    No slot overlaps one of the demo members, who start at minute 15 and 45. The calendar of a slot shows both (R46).
    """

    def __init__(self) -> None:
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        taken = [today + timedelta(days=days, hours=hour, minutes=minute) for _, days, (hour, minute), *_ in SESSIONS]
        # Near slots are within the 2 weeks in which a member can be locked (R8), far slots beyond them. The next
        # midnight is left out, because shortly before it no random pair is moved (R22).
        self._near = _every_two_hours(taken, today + timedelta(days=1, hours=2), today + timedelta(days=13))
        self._far = _every_two_hours(taken, today + timedelta(days=16), today + timedelta(days=88))

    def near(self) -> SlotStart:
        """Return an unused slot in which members can be locked."""
        return next(self._near)

    def far(self) -> SlotStart:
        """Return an unused slot beyond the 2 weeks of locking."""
        return next(self._far)

    def several(self, count: int) -> list[SlotStart]:
        """Return unused slots, earliest first, that do not overlap each other at any length."""
        return list(islice(self._far, count))


def _every_two_hours(taken: list[datetime], first: datetime, last: datetime) -> Iterator[SlotStart]:
    while first < last:
        if not any(abs(first - start) < LONGEST_FOOTPRINT for start in taken):
            yield SlotStart(first)
        first += timedelta(hours=2)
