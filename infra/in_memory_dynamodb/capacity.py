"""The capacity that a partition key serves in a second, counted and limited."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class CapacityLimits:
    """DynamoDB's limits in units per second for one partition key, without bursts."""

    write: float = 1000
    read: float = 3000


class KeyUsage(NamedTuple):
    """Units spent at one partition key within one second."""

    units: float
    pk: str
    second: int


class Meter:
    """The meter of one kind of unit.

    It counts the total, the highest use of a key within a second, and the refusals of each key.
    """

    def __init__(self, now: Callable[[], float], limit: float | None) -> None:
        self.limit = limit
        self.total = 0.0
        self.highest = KeyUsage(0, "", 0)
        self.refused: Counter[str] = Counter()
        self._now = now
        self._second = 0
        self._spent: Counter[str] = Counter()

    def try_spend(self, wanted: Mapping[str, float]) -> set[str]:
        """Spend the units of a request and return no key, or spend nothing and return the exhausted keys."""
        second = int(self._now())
        if second != self._second:
            self._second = second
            self._spent.clear()
        refused_keys = {pk for pk, units in wanted.items() if self.limit and self._spent[pk] + units > self.limit}
        self.refused.update(refused_keys)
        if not refused_keys:
            self._spend(wanted)
        return refused_keys

    def _spend(self, wanted: Mapping[str, float]) -> None:
        self._spent.update(wanted)
        self.total += sum(wanted.values())
        self.highest = max(self.highest, *(KeyUsage(self._spent[pk], pk, self._second) for pk in wanted))


class Capacity:
    """The meters of a table. Without limits they only count."""

    def __init__(self, now: Callable[[], float], limits: CapacityLimits | None = None) -> None:
        self.writes = Meter(now, limits and limits.write)
        self.reads = Meter(now, limits and limits.read)
