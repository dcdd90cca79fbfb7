"""Everything that the table ever held, item by item: what its stream tells from the beginning."""

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
from chalicelib.storage.items import DayItem, InviteItem, Item, ProfileItem, RelationItem, TombstoneItem
from chalicelib.storage.keys import Key
from chalicelib.storage.mappers import account_from, day_from, invite_from, relation_from
from infra.local.aws import REGION, client
from infra.local.settings import TABLE
from infra.table import create_table
from tests.harness import Stream, settings
from tests.table_snapshot import look_at_everything

# As many as the deployed function is given at a time.
BATCH = 100

Value = Day | Relation | InviteLink | Account


class History:
    """What the table held in the course of time: each item's values, in their order; None where it was gone."""

    def __init__(self, engine: str) -> None:
        """Make the table, unless it is there."""
        self._streams, self._arn = client("dynamodbstreams", engine), create_table(client("dynamodb", engine), TABLE)
        # Not begun before there is something in it: DynamoDB Local takes that for having come too late.
        self._stream: Stream | None = None
        self._records: list[dict[str, Any]] = []
        self.table = Table(TABLE, region=REGION, endpoint=engine)
        self._lockstep = Context(
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
        """Take in what was written since."""
        self._stream = self._stream or Stream(self._streams, self._arn)
        news = self._stream.records()
        self._records += news
        for record in news:
            change = record["dynamodb"]
            key = Key(change["Keys"]["PK"]["S"], change["Keys"]["SK"]["S"])
            value = _value(key, change.get("NewImage"))
            if value or key in self.values:
                self.values[key].append(value)

    def is_told_again(self) -> bool:
        """Tell the service everything that the stream ever told once more: whether nothing comes of it (R19)."""
        told = len(self._records)
        for first in range(0, told, BATCH):
            if handle_records(self._lockstep, self._records[first : first + BATCH]) != {"batchItemFailures": []}:
                return False
        self.read_on()
        return len(self._records) == told

    def is_complete(self) -> bool:
        """Whether it ends in what the table holds; nothing may be written meanwhile."""
        held = {key: value for key, raw in look_at_everything(self.table).items() if (value := _value(key, raw))}
        return {key: values[-1] for key, values in self.values.items() if values[-1]} == held

    def days(self) -> Iterator[list[Day]]:
        """Every day, in all its versions."""
        for values in self.values.values():
            if isinstance(values[0], Day):
                yield values  # type: ignore[misc]

    def links(self) -> Iterator[list[InviteLink]]:
        """Every invite link, for as long as it was there."""
        for values in self.values.values():
            if isinstance(values[0], InviteLink):
                yield [value for value in values if isinstance(value, InviteLink)]

    def ever_blocked(self, one: str, other: str) -> bool:
        """Whether one of two has ever blocked the other."""
        said = (*self.values.get(keys.about(one, other), ()), *self.values.get(keys.about(other, one), ()))
        return any(relation.blocked for relation in said if isinstance(relation, Relation))

    def ever_favorite(self, one: str, other: str) -> bool:
        """Whether one ever had the other among the favorites."""
        said = self.values.get(keys.about(one, other), ())
        return any(relation.favorite for relation in said if isinstance(relation, Relation))

    def account(self, member_id: str) -> Value | None:
        """A member's account as it is now."""
        return self.values.get(keys.profile(member_id), [None])[-1]

    def lives(self) -> dict[str, list[Booking | None]]:
        """What became of every booking, by its id; None at the end where its day has forgotten it."""
        found: dict[str, list[Booking | None]] = {}
        for versions in self.days():
            known: set[str] = set()
            for day in versions:
                for booking in day.bookings:
                    life = found.setdefault(booking.booking_id, [])
                    if not life or life[-1] != booking:
                        life.append(booking)
                held = {booking.booking_id for booking in day.bookings}
                for forgotten in known - held:
                    found[forgotten].append(None)
                known = held
        return found


def _value(key: Key, raw: Any) -> Value | None:
    """What an item says, where it is one of those that answers tell of."""
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
