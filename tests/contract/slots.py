"""Starts that no other test uses, and instants as the contract writes them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

MINUTE = 60_000


def text_of(instant: datetime) -> str:
    """An instant as the contract writes it."""
    return instant.astimezone(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True)
class Slot:
    """A start that no other test uses."""

    start: datetime

    @property
    def text(self) -> str:
        """The start as the contract writes it."""
        return text_of(self.start)

    def body(self, minutes: int = 50, **fields: Any) -> dict[str, Any]:
        """The body of a booking of this slot."""
        return {"startTime": self.text, "duration": minutes * MINUTE, **fields}

    def before(self, **distance: float) -> datetime:
        """An instant before the start."""
        return self.start - timedelta(**distance)

    def after(self, **distance: float) -> datetime:
        """An instant after the start."""
        return self.start + timedelta(**distance)


class Slots:
    """Hands out starts on the hour, two hours apart; the demo members use :15 and :45 only."""

    def __init__(self) -> None:
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        # Within the two weeks in which a member can be locked (R8), and beyond them. Never the next midnight: shortly
        # before it a random match is final (R22).
        self._near = _every_two_hours(today + timedelta(days=1, hours=2), today + timedelta(days=13))
        self._far = _every_two_hours(today + timedelta(days=16), today + timedelta(days=88))

    def near(self) -> Slot:
        """An unused slot in which members can be locked."""
        return next(self._near)

    def far(self) -> Slot:
        """An unused slot."""
        return next(self._far)

    def several(self, count: int) -> list[Slot]:
        """Unused slots, earliest first, that do not overlap each other at any length."""
        return list(islice(self._far, count))


def _every_two_hours(first: datetime, last: datetime) -> Iterator[Slot]:
    while first < last:
        yield Slot(first)
        first += timedelta(hours=2)
