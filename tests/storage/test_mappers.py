"""Keys and items say what the domain says, and nothing is lost on the way there and back."""

import json
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from chalicelib.domain.decisions.queue_rows import PairRow, WaitingRow
from chalicelib.domain.model.booking import (
    Booking,
    Change,
    ChangeKind,
    Partner,
    PartnerPreference,
    QueuePosition,
    State,
)
from chalicelib.domain.model.day import KEPT_MET, Day, id_prefix
from chalicelib.domain.model.ids import encode, session_id
from chalicelib.domain.model.member import Activity, Profile, WorkStyle
from chalicelib.domain.model.slot import Slot, day_start
from chalicelib.storage import keys
from chalicelib.storage.day_mappers import day_from, day_item
from chalicelib.storage.items import Item, PairItem
from chalicelib.storage.mappers import pair_row_from, profile_from, profile_item, row_item
from tests.properties import given

DATE = date(2026, 3, 2)

ids = st.integers(0, 2**120 - 1).map(lambda number: encode(number.to_bytes(15, "big"), 24))
tokens = st.integers(0, 2**80 - 1).map(lambda number: encode(number.to_bytes(10, "big"), 16))
instants = st.integers(1_700_000_000, 1_900_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
slots = st.builds(
    lambda quarter, minutes: Slot(day_start(DATE) + timedelta(minutes=15 * quarter), minutes),
    st.integers(0, 95),
    st.sampled_from([25, 50, 75]),
)
work_styles = st.builds(WorkStyle, st.sampled_from(Activity), st.booleans())
queue_shards = st.integers(0, 63)
turns = st.builds(
    QueuePosition,
    st.booleans(),
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds
)


cancelled_locks = st.just({}) | st.fixed_dictionaries(
    {
        "cancelled_locks": st.dictionaries(ids.map(id_prefix), st.integers(1, 99), min_size=1, max_size=4),
        "cancelled_locks_on": st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    }
)


@st.composite
def days(draw: st.DrawFn) -> Day:
    owner = draw(ids)

    def booking(token: str) -> Booking:
        state = draw(st.sampled_from(State))
        paired = state in (State.MATCHED, State.LOCKED_IN)
        return Booking(
            booking_id=session_id(owner, DATE, token),
            member_id=owner,
            slot=draw(slots),
            requested_at=draw(instants),
            state=state,
            work_style=draw(work_styles),
            preference=PartnerPreference(draw(st.booleans()), draw(st.none() | ids)),
            title=draw(st.none() | st.text(min_size=1, max_size=20)),
            queue_position=draw(turns) if state is State.WAITING else None,
            partner=Partner(draw(ids), draw(tokens), draw(work_styles)) if paired else None,
            last_change=draw(st.none() | st.builds(Change, st.sampled_from(ChangeKind), instants)),
            cancelled_late=draw(st.booleans()),
            queue_shard=draw(queue_shards),
            moved=draw(st.booleans()),
            lock_requested=draw(st.booleans()),
        )

    return Day(
        member_id=owner,
        date=DATE,
        version=draw(st.integers(1, 10**9)),
        bookings=tuple(booking(token) for token in draw(st.lists(tokens, max_size=4, unique=True))),
        overnight_until=draw(st.none() | st.integers(1, 90).map(lambda n: day_start(DATE) + timedelta(minutes=n))),
        operations=tuple(draw(st.lists(tokens, max_size=8))),
        cancelled_by=draw(st.dictionaries(slots, st.frozensets(ids, min_size=1, max_size=3), max_size=2)),
        met=tuple(draw(st.lists(ids.map(id_prefix), max_size=KEPT_MET))),
        **draw(cancelled_locks),
    )


@given(days())
def test_a_day_comes_back_as_it_was_written(day: Day) -> None:
    assert day_from(Item.from_raw_data(day_item(day).serialize())) == day


@given(st.builds(WaitingRow, slots, turns, ids, queue_shards))
def test_a_waiting_row_is_told_from_its_key_alone(row: WaitingRow) -> None:
    assert keys.waiting_row(*keys.waiting(row)) == row
    assert keys.slot_at(*keys.waiting(row)) == row.slot
    assert not keys.is_queue_shards(keys.waiting(row))


@given(st.builds(PairRow, slots, tokens, st.frozensets(ids, min_size=2, max_size=2), queue_shards))
def test_the_row_of_a_pair_comes_back_as_it_was_written(row: PairRow) -> None:
    item = Item.from_raw_data(row_item(row).serialize())
    assert isinstance(item, PairItem)
    assert pair_row_from(item) == row


@given(st.builds(WaitingRow, slots, turns, ids, queue_shards))
def test_how_many_lanes_there_are_stands_before_whoever_waits(row: WaitingRow) -> None:
    told, waits = keys.queue_shards(row.slot, row.queue_shard), keys.waiting(row)
    assert (told.pk, told.sk < waits.sk, keys.is_queue_shards(told)) == (waits.pk, True, True)
    assert told.sk.startswith(keys.slot_prefix(row.slot))


@given(st.lists(st.tuples(slots, queue_shards), min_size=2, max_size=2, unique=True))
def test_no_two_lanes_of_popular_slots_share_a_partition(two: list[tuple[Slot, int]]) -> None:
    """But first lanes of different slots may."""
    (one, queue_shard), (other, other_lane) = two
    if queue_shard or other_lane:
        assert keys.pool_of(one, queue_shard) != keys.pool_of(other, other_lane)
        assert keys.pairs_of(one, queue_shard) != keys.pairs_of(other, other_lane)


@given(slots, st.lists(st.tuples(turns, ids), min_size=2, max_size=5))
def test_r13_the_rows_of_a_slot_sort_as_their_turns_do(slot: Slot, waiting: list[tuple[QueuePosition, str]]) -> None:
    rows = [WaitingRow(slot, queue_position, member) for queue_position, member in waiting]
    by_key = sorted(rows, key=lambda row: keys.waiting(row).sk)
    by_position = sorted(rows, key=lambda row: row.queue_position.sort_key)
    assert [row.queue_position for row in by_key] == [row.queue_position for row in by_position]


@given(st.builds(Profile, ids, st.text(min_size=1), st.just("UTC"), instants, tokens))
def test_a_profile_comes_back_as_it_was_written(profile: Profile) -> None:
    assert profile_from(Item.from_raw_data(profile_item(profile).serialize())) == profile


def test_a_day_with_five_pairs_is_smaller_than_a_kilobyte() -> None:
    """What the cost of a booking rests on: up to 1 KB a write costs one unit."""
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
            last_change=Change(ChangeKind.MATCHED, now),
        )
        for n in range(5)
    )
    met = ("beginnin",) * KEPT_MET
    item = day_item(Day(owner, DATE, 99, bookings, operations=("operatio",) * 8, met=met))
    assert len(json.dumps(Item.serialize(item))) < 3 * 1024
    assert item_size(item) < 1024


def item_size(item: Item) -> int:
    """The size that an item is charged by: names and values, three bytes a list or map and one an element."""

    def size(value: dict[str, object]) -> int:
        ((kind, content),) = value.items()
        if kind == "M":
            assert isinstance(content, dict)
            return 3 + sum(1 + len(name) + size(inner) for name, inner in content.items())
        if kind == "L":
            assert isinstance(content, list)
            return 3 + sum(1 + size(inner) for inner in content)
        return len(str(content)) // 2 + 1 if kind == "N" else len(str(content).encode())

    return sum(len(name) + size(value) for name, value in item.serialize().items())
