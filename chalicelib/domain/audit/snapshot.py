"""What one look at the table shows: all of it, or as much of it as somebody looked at."""

from collections.abc import Iterable
from datetime import date

from msgspec import Struct, field

from chalicelib.domain.decisions.queue_rows import PairRow, Row, WaitingRow
from chalicelib.domain.decisions.write_set import Job
from chalicelib.domain.model.api_key import ApiKey
from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.day import Day, DayKey
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.member import Account, Relation
from chalicelib.domain.model.slot import Slot


class Snapshot(Struct, frozen=True):
    """The items of a look, by what names them; whoever made it may fill it, nobody changes it after.

    `lanes` are how many there are, as each lane of a slot tells it. `relations` and `mirrors` go by who says it and
    about whom, `invites` by the digest of their tokens, `links` (the digest in an owner's list) by owner and link; and
    likewise `api_keys` and `listed_keys`.
    `unreadable` are the keys of what no item of the table looks like.
    """

    days: dict[DayKey, Day] = field(default_factory=dict)
    rows: set[Row] = field(default_factory=set)
    queue_shards: dict[tuple[Slot, int], int] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    relations: dict[tuple[str, str], Relation] = field(default_factory=dict)
    mirrors: dict[tuple[str, str], Relation] = field(default_factory=dict)
    invites: dict[str, InviteLink] = field(default_factory=dict)
    links: dict[tuple[str, str], str] = field(default_factory=dict)
    api_keys: dict[str, ApiKey] = field(default_factory=dict)
    listed_keys: dict[tuple[str, str], str] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    unreadable: set[tuple[str, str]] = field(default_factory=set)

    def __or__(self, other: "Snapshot") -> "Snapshot":
        """What one of two looks shows; of what both show, what the other does."""
        return Snapshot(*(getattr(self, name) | getattr(other, name) for name in self.__struct_fields__))

    @property
    def waiting_rows(self) -> set[WaitingRow]:
        """The rows of those who wait."""
        return {row for row in self.rows if isinstance(row, WaitingRow)}

    @property
    def pair_rows(self) -> set[PairRow]:
        """The rows of random pairs."""
        return {row for row in self.rows if isinstance(row, PairRow)}

    def active(self, member_id: str, on: date) -> Iterable[Booking]:
        """The member's active bookings of that date."""
        day = self.days.get((member_id, on))
        return day.active if day else ()
