"""The recent uses of a credential by date, which its owner can see (R35)."""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum

from msgspec import Struct, field

# A record keeps the uses of this number of UTC dates, the present one included.
DAYS_KEPT = 30


class AccessKind(StrEnum):
    """The kinds of requests that a record distinguishes."""

    READ = "read"
    WRITE = "write"
    EXPORT = "export"
    ACCOUNT = "account"


class AccessRecord(Struct, frozen=True):
    """The kinds of requests with one credential on each of the last 30 UTC dates."""

    days: Mapping[date, frozenset[AccessKind]] = field(default_factory=dict)

    def __hash__(self) -> int:
        """Return a hash, so that profiles and keys have one."""
        return hash(frozenset(self.days.items()))

    def holds(self, kind: AccessKind, on: date) -> bool:
        """Return whether the record has a request of this kind on that date."""
        return kind in self.days.get(on, frozenset())

    def with_use(self, kind: AccessKind, on: date) -> "AccessRecord":
        """Return the record with a request added, without the dates that are too old."""
        days = {**self.days, on: self.days.get(on, frozenset()) | {kind}}
        return AccessRecord({day: days[day] for day in days if max(days) - day < timedelta(days=DAYS_KEPT)})

    def since(self, today: date) -> "AccessRecord":
        """Return the record of the 30 dates up to `today`."""
        return AccessRecord({day: kinds for day, kinds in self.days.items() if today - day < timedelta(days=DAYS_KEPT)})
