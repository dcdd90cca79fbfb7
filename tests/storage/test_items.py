"""The kinds of items, and the size of a day."""

import json
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from chalicelib.domain.model.booking import Booking, BookingChange, ChangeKind, Partner, State
from chalicelib.domain.model.day import KEPT_MET, KEPT_OPERATIONS, Day
from chalicelib.domain.model.ids import encode, session_id
from chalicelib.domain.model.member import WorkStyle
from chalicelib.domain.model.slot import Slot, day_start
from chalicelib.storage.day_mappers import day_item
from chalicelib.storage.items import DayItem, DocumentItem, Item, LinkItem, ListedKeyItem, QueueShardsItem, SchemaItem
from chalicelib.version import SCHEMA
from infra.in_memory_dynamodb.item_size import item_size
from tests.properties import given, settings
from tests.storage.stored_structs import DAY_CODECS, MEMBER_CODECS

DATE = date(2026, 3, 2)


@settings(max_examples=1)
@given(st.tuples(*(codec.values.map(codec.encode) for codec in [*MEMBER_CODECS, *DAY_CODECS])))
def test_each_kind_of_item_has_a_checked_mapping(items: tuple[Item, ...]) -> None:
    """The entries of lists, the numbers of queue shards and documents have tests of their own."""
    kinds = set(map(type, items))
    assert kinds | {LinkItem, ListedKeyItem, QueueShardsItem, SchemaItem, DocumentItem} == set(
        Item.kind.get_registered_subclasses(Item)
    ) - {Item}


def test_each_kind_of_item_has_a_name_of_its_own_and_a_schema_version() -> None:
    kinds = set(Item.kind.get_registered_subclasses(Item))
    assert len({Item.kind.get_discriminator(kind) for kind in kinds}) == len(kinds)
    assert {kind("partition", "sort").schema for kind in kinds} == {SCHEMA}


def test_a_day_with_five_pairs_is_smaller_than_a_kilobyte() -> None:
    """A write of up to 1 KB costs one unit, which the cost of a booking assumes."""
    owner = encode(b"0" * 24, 24)
    now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    bookings = tuple(
        Booking(
            booking_id=session_id(owner, DATE, str(n) * 16),
            member_id=owner,
            slot=Slot(day_start(DATE) + timedelta(hours=9 + n), 50),
            requested_at=now,
            state=State.MATCHED,
            partner=Partner("p" * 24, "r" * 26, WorkStyle()),
            changes=(BookingChange(ChangeKind.MATCHED, now),),
        )
        for n in range(5)
    )
    met = {f"prefix {n}": n for n in range(KEPT_MET)}
    item: DayItem = day_item(Day(owner, DATE, 99, bookings, operations=("operatio",) * KEPT_OPERATIONS, met=met))
    assert len(json.dumps(item.serialize())) < 3 * 1024
    assert item_size(item.serialize()) < 1024
