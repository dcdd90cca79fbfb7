"""The history of every item of the table, read from its stream."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from random import Random, SystemRandom
from typing import Any

from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.member import Account, Relation
from chalicelib.handlers.bootstrap import real_time
from chalicelib.handlers.events.stream import handle_records
from chalicelib.services.context import Context
from chalicelib.storage import keys
from chalicelib.storage.connection import Table
from chalicelib.storage.day_mappers import day_from
from chalicelib.storage.items import DayItem, InviteItem, Item, ProfileItem, RelationItem, TombstoneItem
from chalicelib.storage.keys import Key
from chalicelib.storage.mappers import account_from, invite_from, relation_from
from infra.local.aws import REGION, client
from infra.local.settings import TABLE
from infra.table import create_table
from tests.harness import StreamReader, settings
from tests.table_snapshot import read_whole_table

# The batch size of the deployed function.
BATCH = 100

Value = Day | Relation | InviteLink | Account


class StreamHistory:
    """The values of each item in their order, with None for a deleted item."""

    def __init__(self, engine: str) -> None:
        """Create the table unless it exists."""
        self._streams, self._arn = client("dynamodbstreams", engine), create_table(client("dynamodb", engine), TABLE)
        # Opened at the first read: DynamoDB Local rejects an iterator that was opened on an empty stream.
        self._stream: StreamReader | None = None
        self._records: list[dict[str, Any]] = []
        self.table = Table(TABLE, region=REGION, endpoint=engine)
        self._context = Context(
            settings(engine, self._arn),
            self.table,
            real_time,
            Random(),
            SystemRandom(),
            threading.Event().wait,
            log=lambda _: None,
        )
        self.values: defaultdict[Key, list[Value | None]] = defaultdict(list)

    def read_on(self) -> None:
        """Read the records since the last read."""
        self._stream = self._stream or StreamReader(self._streams, self._arn)
        records = self._stream.records()
        self._records += records
        for record in records:
            change = record["dynamodb"]
            key = Key(change["Keys"]["PK"]["S"], change["Keys"]["SK"]["S"])
            value = _value(key, change.get("NewImage"))
            if value or key in self.values:
                self.values[key].append(value)

    def is_delivery_idempotent(self) -> bool:
        """Deliver all records a second time to re-matching, and return whether no delivery fails or writes (R19).

        Meanwhile the runners may still write documents, such as rows of events, which other functions own.
        """
        count = len(self._records)
        for first in range(0, count, BATCH):
            if handle_records(self._context, self._records[first : first + BATCH]) != {"batchItemFailures": []}:
                return False
        self.read_on()
        return all(_is_of_a_document(record["dynamodb"]) for record in self._records[count:])

    def is_complete(self) -> bool:
        """Return whether the last values equal the table, which must not change meanwhile."""
        stored = {key: value for key, raw in read_whole_table(self.table).items() if (value := _value(key, raw))}
        return {key: values[-1] for key, values in self.values.items() if values[-1]} == stored

    def days(self) -> Iterator[list[Day | None]]:
        """Yield the versions of every day, None after a deletion of the account deleted it."""
        for values in self.values.values():
            if isinstance(values[0], Day):
                yield [value for value in values if value is None or isinstance(value, Day)]

    def links(self) -> Iterator[list[InviteLink]]:
        """Yield the versions of every invite link until its deletion."""
        for values in self.values.values():
            if isinstance(values[0], InviteLink):
                yield [value for value in values if isinstance(value, InviteLink)]

    def ever_blocked(self, one: str, other: str) -> bool:
        """Return whether one of two members ever blocked the other."""
        relations = (*self.values.get(keys.about(one, other), ()), *self.values.get(keys.about(other, one), ()))
        return any(relation.blocked for relation in relations if isinstance(relation, Relation))

    def ever_favorite(self, one: str, other: str) -> bool:
        """Return whether a member ever had the other as a favorite."""
        relations = self.values.get(keys.about(one, other), ())
        return any(relation.favorite for relation in relations if isinstance(relation, Relation))

    def account(self, member_id: str) -> Value | None:
        """Return the last value of a member's account."""
        return self.values.get(keys.profile(member_id), [None])[-1]

    def bookings(self) -> dict[str, list[Booking | None]]:
        """Return the versions of every booking by its id, with a final None if its day has dropped it."""
        found: dict[str, list[Booking | None]] = {}
        for days in self.days():
            before: set[str] = set()
            for day in days:
                bookings = day.bookings if day else ()
                for booking in bookings:
                    versions = found.setdefault(booking.booking_id, [])
                    if not versions or versions[-1] != booking:
                        versions.append(booking)
                current = {booking.booking_id for booking in bookings}
                for dropped in before - current:
                    found[dropped].append(None)
                before = current
        return found


def _is_of_a_document(change: dict[str, Any]) -> bool:
    images = (change[name] for name in ("NewImage", "OldImage") if name in change)
    return all(image["k"]["S"] == "document" for image in images)


def _value(key: Key, raw: Any) -> Value | None:
    """Return the value of an item of a kind that responses show, or None."""
    item = Item.from_raw_data(dict(raw)) if raw else None
    match item:
        case DayItem():
            return day_from(item)
        case RelationItem() if key.sk.startswith(keys.ABOUT):
            return relation_from(item)
        case InviteItem():
            return invite_from(item)
        case ProfileItem() | TombstoneItem():
            return account_from(item)
    return None
