"""Every stored struct drawn from its own fields, and its mapping to an item and back.

A new field is drawn without a change of this module, because `msgspec.inspect` lists the fields with their types.
Only the formats that a type does not express are written here: ids, slots, and the precision of instants.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

from hypothesis import strategies as st
from msgspec import NODEFAULT, Struct, inspect
from msgspec.structs import replace

from chalicelib.domain.decisions.queue_rows import PairRow, WaitingRow
from chalicelib.domain.decisions.title_items import LongTitle
from chalicelib.domain.decisions.write_set import Job, RecordedResponse
from chalicelib.domain.model.access_record import DAYS_KEPT, AccessKind, AccessRecord
from chalicelib.domain.model.api_key import ApiKey
from chalicelib.domain.model.booking import Booking, QueuePosition
from chalicelib.domain.model.day import Day, id_prefix
from chalicelib.domain.model.ids import encode, session_id
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.limits import VersionedLimit
from chalicelib.domain.model.member import Profile, Relation, Tombstone, is_email_like
from chalicelib.domain.model.slot import FOOTPRINT_MINUTES, Slot, day_start
from chalicelib.storage import day_mappers, documents, keys, mappers
from chalicelib.storage.items import Item

ids = st.integers(0, 2**120 - 1).map(lambda number: encode(number.to_bytes(15, "big"), 24))
tokens = st.integers(0, 2**80 - 1).map(lambda number: encode(number.to_bytes(10, "big"), 16))
dates = st.dates(date(2020, 1, 1), date(2040, 1, 1))
# The table has most instants in whole seconds, and those of queue positions in microseconds.
instants = st.integers(1_700_000_000, 1_900_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
microseconds = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds


def slots_on(day: date) -> st.SearchStrategy[Slot]:
    """Draw a slot of that date."""
    starts = st.integers(0, 95).map(lambda quarter: day_start(day) + timedelta(minutes=15 * quarter))
    return st.builds(Slot, starts, st.sampled_from(sorted(FOOTPRINT_MINUTES)))


slots = dates.flatmap(slots_on)


def structs(struct: type[Struct], **known: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Draw a struct. Each of its fields that is not `known` is drawn by its type."""
    fields = {field.name: field.type for field in _fields(struct)}
    assert known.keys() <= fields.keys()
    drawn = {name: known[name] if name in known else _values(name, kind) for name, kind in fields.items()}
    return st.fixed_dictionaries(drawn).map(lambda values: struct(**values))


def _fields(struct: type[Struct]) -> tuple[inspect.Field, ...]:
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    return info.fields


def _values(name: str, kind: inspect.Type) -> st.SearchStrategy[Any]:
    """Draw the values of a type. The name of a field distinguishes ids from other texts."""
    match kind:
        case inspect.UnionType(types=types):
            return st.one_of(*(_values(name, one) for one in types))
        case inspect.NoneType():
            return st.none()
        case inspect.BoolType():
            return st.booleans()
        case inspect.IntType():
            return st.integers(0, 10**9)
        case inspect.StrType():
            return ids if name.endswith("_id") else st.text(min_size=1, max_size=20)
        case inspect.DateType():
            return dates
        case inspect.DateTimeType():
            return instants
        case inspect.EnumType(cls=enum):
            return st.sampled_from(list(enum))
        case inspect.VarTupleType(item_type=item):
            return st.lists(_values(name, item), max_size=4).map(tuple)
        case inspect.DictType(key_type=key, value_type=value):
            return st.dictionaries(_values(name, key), _values(name, value), max_size=4)
        case inspect.FrozenSetType(item_type=item):
            return st.frozensets(_values(name, item), min_size=1, max_size=4)
        case inspect.StructType(cls=cls) if cls in _FORMATS:
            return _FORMATS[cls]
        case inspect.StructType(cls=cls):
            return structs(cls)
    raise TypeError(f"say here how {kind} is drawn")


def _bookings(owner: str, on: date) -> st.SearchStrategy[Booking]:
    """Draw a booking of that member on that date."""
    return structs(
        Booking,
        booking_id=tokens.map(lambda token: session_id(owner, on, token)),
        member_id=st.just(owner),
        slot=slots_on(on),
        lost=st.lists(ids, max_size=3).map(tuple),
    )


def _without_long_title(booking: Booking) -> Booking:
    """Return the booking as a day stores it, without the text of a long title."""
    return replace(booking, title=None) if booking.long_title else booking


@st.composite
def _days(draw: st.DrawFn) -> Day:
    owner, on = draw(ids), draw(dates)
    day: Day = draw(
        structs(
            Day,
            member_id=st.just(owner),
            date=st.just(on),
            bookings=st.lists(_bookings(owner, on).map(_without_long_title), max_size=3).map(tuple),
            overnight_until=st.none() | st.integers(1, 90).map(lambda n: day_start(on) + timedelta(minutes=n)),
            cancelled_by=st.lists(st.tuples(slots_on(on), ids.map(id_prefix)), max_size=4).map(tuple),
            met=st.dictionaries(ids.map(id_prefix), st.integers(0, 7), max_size=4),
            cancelled_locks=st.dictionaries(ids.map(id_prefix), st.integers(1, 99), max_size=4),
        )
    )
    # Without their date the counts say nothing, and are not stored.
    return day if day.cancelled_on else replace(day, cancelled_locks={}, cancelled_matches=0, recorded_responses=0)


@st.composite
def _access_records(draw: st.DrawFn) -> AccessRecord:
    """Draw a record of at most 30 dates, each with a use."""
    latest = draw(dates)
    ages = draw(st.sets(st.integers(0, DAYS_KEPT - 1), max_size=4))
    kinds = st.frozensets(st.sampled_from(AccessKind), min_size=1)
    return AccessRecord({latest - timedelta(days=age): draw(kinds) for age in ages})


_FORMATS: Mapping[type[Struct], st.SearchStrategy[Any]] = {
    AccessRecord: _access_records(),
    Slot: slots,
    QueuePosition: structs(QueuePosition, since=microseconds),
    Booking: st.tuples(ids, dates).flatmap(lambda place: _bookings(*place)),
    Day: _days(),
}


@dataclass(frozen=True)
class Codec:
    """The mapping of a struct to an item and back.

    `decode` also gets the original, for those fields that a read knows from its own arguments.
    """

    struct: type[Struct]
    encode: Callable[[Any], Item]
    decode: Callable[[Any, Any], Any]
    values: st.SearchStrategy[Any]

    def round_trip(self, value: Struct) -> Any:
        """Encode the value, serialize the item, and decode it again."""
        return self.decode(Item.from_raw_data(self.encode(value).serialize()), value)

    def encoding_less(self, struct: type[Struct], field: inspect.Field) -> "Codec":
        """Return the codec with an encoder that does not write the field."""
        return Codec(self.struct, lambda value: self.encode(_reset(value, struct, field)), self.decode, self.values)

    def decoding_less(self, struct: type[Struct], field: inspect.Field) -> "Codec":
        """Return the codec with a decoder that does not read the field."""

        def decode(item: Any, value: Any) -> Any:
            return _reset(self.decode(item, value), struct, field)

        return Codec(self.struct, self.encode, decode, self.values)


def optional_fields(codec: Codec) -> Iterator[tuple[type[Struct], inspect.Field]]:
    """Yield the fields with defaults of the codec's struct and of all structs in it.

    A decoder cannot omit another field, because its struct cannot be made without it.
    """
    for struct in _structs_in(inspect.type_info(codec.struct)):
        yield from ((struct, field) for field in _fields(struct) if not field.required)


def _structs_in(kind: inspect.Type) -> dict[type[Struct], None]:
    match kind:
        case inspect.StructType(cls=cls, fields=fields):
            inner = [field.type for field in fields]
            found: dict[type[Struct], None] = {cls: None}
        case inspect.UnionType(types=types):
            inner, found = list(types), {}
        case inspect.VarTupleType(item_type=item):
            inner, found = [item], {}
        case _:
            return {}
    for one in inner:
        found |= _structs_in(one)
    return found


def _reset(value: Any, struct: type[Struct], field: inspect.Field) -> Any:
    """Return the value with the field of each such struct in it at its default."""
    if isinstance(value, tuple):
        return tuple(_reset(one, struct, field) for one in value)
    if not isinstance(value, Struct):
        return value
    inner = {each.name: _reset(getattr(value, each.name), struct, field) for each in _fields(type(value))}
    if isinstance(value, struct):
        inner[field.name] = field.default if field.default_factory is NODEFAULT else field.default_factory()
    return type(value)(**inner)


def _long_title(owner: str, on: date, token: str, text: str) -> LongTitle:
    return LongTitle(owner, session_id(owner, on, token), text)


_A_RELATION = keys.about("A" * 24, "B" * 24)

# The structs that are stored as items, without the bookings in days.
MEMBER_CODECS = [
    Codec(struct, mappers.account_item, lambda item, _: mappers.account_from(item), values)
    for struct, values in (
        # An e-mail address is read as a name only if the member chose it.
        (Profile, structs(Profile).filter(lambda profile: profile.chosen_name or not is_email_like(profile.name))),
        (Tombstone, structs(Tombstone)),
    )
] + [
    Codec(
        Relation,
        lambda relation: mappers.relation_item(_A_RELATION, relation),
        lambda item, _: mappers.relation_from(item),
        structs(Relation),
    ),
    Codec(WaitingRow, mappers.row_item, lambda item, _: keys.waiting_row(item.pk, item.sk), structs(WaitingRow)),
    Codec(
        PairRow,
        mappers.row_item,
        lambda item, _: mappers.pair_row_from(item),
        structs(PairRow, members=st.frozensets(ids, min_size=2, max_size=2)),
    ),
    Codec(
        InviteLink,
        mappers.invite_item,
        lambda item, _: mappers.invite_from(item),
        structs(InviteLink, digest=tokens),
    ),
    Codec(ApiKey, mappers.api_key_item, lambda item, _: mappers.api_key_from(item), structs(ApiKey, digest=tokens)),
    Codec(
        VersionedLimit,
        mappers.versioned_limit_item,
        lambda item, _: mappers.versioned_limit_from(item),
        structs(VersionedLimit),
    ),
    Codec(Job, mappers.job_item, lambda item, _: mappers.job_from(item), structs(Job)),
]
DAY_CODECS = [
    Codec(Day, day_mappers.day_item, lambda item, _: day_mappers.day_from(item), _FORMATS[Day]),
    Codec(
        RecordedResponse,
        day_mappers.recorded_response_item,
        lambda item, response: day_mappers.recorded_response_from(item, response.booking.member_id, response.key),
        structs(RecordedResponse),
    ),
    Codec(
        LongTitle,
        day_mappers.title_item,
        lambda item, _: day_mappers.title_from(item),
        st.builds(_long_title, ids, dates, tokens, st.text(min_size=1, max_size=20)),
    ),
]
# Every kind of document.
DOCUMENT_CODECS = [
    Codec(kind, documents.document_item, lambda item, _: documents.document_from(item), structs(kind))
    for kind in get_args(documents.Stored)
]
