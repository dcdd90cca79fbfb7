"""The content of the table at one instant, or the part of it that was read."""

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
    """The items of a read by their keys. Only the reader that builds a snapshot fills it.

    `queue_shards` maps a slot and a shard to the number of shards that this shard stores. `relations` and `mirrors` map
    the relation's owner and the other member to the two copies of the relation. `invites` maps token digests to links,
    `links` an owner and a link id to the digest in the owner's list. `api_keys` and `listed_keys` do the same for keys.
    `titles` maps an owner and a booking to the digest of the stored long title.
    `documents` maps the table key of each document of a member to the member.
    `unreadable` are the table keys of items that no mapper can read.
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
    titles: dict[tuple[str, str], str | None] = field(default_factory=dict)
    documents: dict[tuple[str, str], str] = field(default_factory=dict)
    unreadable: set[tuple[str, str]] = field(default_factory=set)

    def __or__(self, other: "Snapshot") -> "Snapshot":
        """Return the items of both. Where both have an item, the other's is taken."""
        return Snapshot(*(getattr(self, name) | getattr(other, name) for name in self.__struct_fields__))

    @property
    def waiting_rows(self) -> set[WaitingRow]:
        """The rows of waiting bookings."""
        return {row for row in self.rows if isinstance(row, WaitingRow)}

    @property
    def pair_rows(self) -> set[PairRow]:
        """The rows of random pairs."""
        return {row for row in self.rows if isinstance(row, PairRow)}

    def active(self, member_id: str, on: date) -> Iterable[Booking]:
        """Return the member's active bookings of that date."""
        day = self.days.get((member_id, on))
        return day.active if day else ()
