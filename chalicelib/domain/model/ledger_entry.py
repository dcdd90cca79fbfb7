"""Entries of the ledger, which stands outside the table and outlives a restore of it (R33, R47)."""

from datetime import UTC, datetime
from enum import StrEnum

from msgspec import Struct

# The key sorts by time within a kind, so that the entries since an instant follow each other.
_INSTANT = "%Y-%m-%d/%H%M%S%f"


class LedgerKind(StrEnum):
    """The acts that a restored table must not undo."""

    ERASED = "erased"
    SUSPENDED = "suspended"
    LIFTED = "lifted"


class LedgerEntry(Struct, frozen=True):
    """One act about a member. It holds the member's id, which says nothing about the identity behind it (R34).

    `at` is the instant of the act itself, so that a repeated record of one act is the same entry.
    """

    kind: LedgerKind
    member_id: str
    at: datetime

    @property
    def key(self) -> str:
        """The name of the object that stands for the entry. It holds the whole entry."""
        return f"{begin_of(self.kind, self.at)}-{self.member_id}"


def begin_of(kind: LedgerKind, at: datetime) -> str:
    """Return the beginning of the keys of a kind at an instant. It sorts before the keys of all later instants."""
    return f"{kind}/{at.astimezone(UTC).strftime(_INSTANT)}"


def entry_of(key: str) -> LedgerEntry:
    """Return the entry of a key, the inverse of `key`. Raise ValueError for any other text."""
    kind, date, rest = key.split("/")
    time, _, member_id = rest.partition("-")
    at = datetime.strptime(f"{date}/{time}", _INSTANT).replace(tzinfo=UTC)
    return LedgerEntry(LedgerKind(kind), member_id, at)
