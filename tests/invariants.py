"""What holds at every commit, whatever happened before: pure checks of days and of the rows that go with them."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from datetime import timedelta
from itertools import pairwise
from types import MappingProxyType

from chalicelib.domain.booking import Booking, State
from chalicelib.domain.day import Day, DayKey
from chalicelib.domain.rows import PairRow, Row, WaitingRow, row_of
from chalicelib.domain.slot import Slot


def check_all(
    days: Iterable[Day],
    waiting_rows: Iterable[WaitingRow],
    pair_rows: Iterable[PairRow],
    lanes: Mapping[Slot, int] = MappingProxyType({}),
) -> None:
    """Raise AssertionError, saying who and where, unless days and rows are in order and agree.

    `lanes` tells how many lanes a slot has, where that is more than one.
    """
    days, waiting_rows, pair_rows = list(days), list(waiting_rows), list(pair_rows)
    check_days_are_well_formed(days)
    check_nobody_is_paired_with_themself(days)
    check_pairs_are_mutual(days)
    check_no_overlap(days)
    check_tails(days)
    check_nobody_is_lost(days, waiting_rows)
    check_rows_follow_days(days, waiting_rows, pair_rows)
    check_rows_are_found(waiting_rows, pair_rows, lanes)


def check_days_are_well_formed(days: Iterable[Day]) -> None:
    """Every day is there once and was written, and holds bookings of its own member and date, each in one state."""
    days = list(days)
    _assert_unique((day.key for day in days), "day")
    _assert_unique((held.booking_id for day in days for held in day.bookings), "booking")
    for day in days:
        assert day.version > 0, f"{day.key} is stored at version {day.version}"
        for held in day.bookings:
            assert (held.member_id, held.slot.date) == day.key, f"{_name(held)} is kept in the day {day.key}"
            expected = (held.state is State.WAITING, held.state in (State.MATCHED, State.LOCKED_IN))
            found = (held.turn is not None, held.partner is not None)
            assert found == expected, f"{_name(held)} has turn {held.turn} and partner {held.partner}"


def check_nobody_is_paired_with_themself(days: Iterable[Day]) -> None:
    """No booking names its own member as the partner (R3)."""
    for held in _active(days):
        assert held.partner is None or held.partner.member_id != held.member_id, f"{_name(held)} names itself"


def check_pairs_are_mutual(days: Iterable[Day]) -> None:
    """Whoever names a partner is named back, in the same slot, by the same kind and id of pair; no id serves twice."""
    days = list(days)
    by_key = _by_key(days)
    sharing: Counter[str] = Counter()
    for held in _active(days):
        if held.partner is None:
            continue
        sharing[held.partner.pair_id] += 1
        other = _holding(by_key, held.partner.member_id, held)
        assert other is not None, f"{_name(held)} names {held.partner.member_id}, who holds no such slot"
        back = other.partner
        assert back is not None, f"{_name(held)} names {_name(other)}, who has no partner"
        assert back.member_id == held.member_id, f"{_name(held)} names {_name(other)}, who names {back.member_id}"
        assert other.state is held.state, f"{_name(held)} and {_name(other)} are not of one kind"
        assert back.pair_id == held.partner.pair_id, f"{_name(held)} and {_name(other)} have different pair ids"
    crowded = [pair_id for pair_id, count in sharing.items() if count != 2]
    assert not crowded, f"pair ids that do not belong to exactly two bookings: {crowded}"


def check_no_overlap(days: Iterable[Day]) -> None:
    """No member holds two active bookings whose footprints share a moment, midnight or not (R3)."""
    held_by: defaultdict[str, list[Booking]] = defaultdict(list)
    for held in _active(days):
        held_by[held.member_id].append(held)
    for bookings in held_by.values():
        bookings.sort(key=lambda held: held.slot)
        # Sorted by start, an overlap of any two is an overlap of neighbours.
        for earlier, later in pairwise(bookings):
            assert not earlier.slot.overlaps(later.slot), f"{_name(earlier)} overlaps {_name(later)}"


def check_tails(days: Iterable[Day]) -> None:
    """The tail of a day is what the booking past midnight of the day before says, and nothing where there is none."""
    days = list(days)
    expected = {
        (held.member_id, held.slot.date + timedelta(days=1)): held.slot.footprint_end
        for held in _active(days)
        if held.slot.past_midnight
    }
    found = {day.key: day.tail for day in days if day.tail is not None}
    for key in expected.keys() | found.keys():
        told, kept = expected.get(key), found.get(key)
        assert told == kept, f"the day {key} is busy until {kept}; the day before it says {told}"


def check_nobody_is_lost(days: Iterable[Day], waiting_rows: Iterable[WaitingRow]) -> None:
    """Whoever waits has the row that asks for a partner, in the very turn the booking says (R19)."""
    rows = set(waiting_rows)
    for held in _active(days):
        if held.state is State.WAITING:
            assert row_of(held) in rows, f"{_name(held)} has no waiting row for {held.turn}"


def check_rows_follow_days(
    days: Iterable[Day], waiting_rows: Iterable[WaitingRow], pair_rows: Iterable[PairRow]
) -> None:
    """The rows of the pool are exactly those that the days ask for, each once."""
    rows: list[Row] = [*waiting_rows, *pair_rows]
    _assert_unique(rows, "row")
    wanted = {row for held in _active(days) if (row := row_of(held))}
    missing, surplus = wanted - set(rows), set(rows) - wanted
    assert not missing, f"rows that days ask for and nobody finds: {missing}"
    assert not surplus, f"rows that no day asks for: {surplus}"


def check_rows_are_found(
    waiting_rows: Iterable[WaitingRow], pair_rows: Iterable[PairRow], lanes: Mapping[Slot, int]
) -> None:
    """Every row stands in a lane of which the slot tells: nobody waits where nobody looks (R19)."""
    rows: list[Row] = [*waiting_rows, *pair_rows]
    astray = [row for row in rows if row.lane >= lanes.get(row.slot, 1)]
    assert not astray, f"rows in lanes that nobody opened: {astray}"


def _active(days: Iterable[Day]) -> Iterable[Booking]:
    return (held for day in days for held in day.active)


def _by_key(days: Iterable[Day]) -> dict[DayKey, Day]:
    return {day.key: day for day in days}


def _holding(days: dict[DayKey, Day], member_id: str, booking: Booking) -> Booking | None:
    day = days.get((member_id, booking.slot.date))
    return day.holding(booking.slot) if day else None


def _assert_unique(values: Iterable[Hashable], what: str) -> None:
    twice = [value for value, count in Counter(values).items() if count > 1]
    assert not twice, f"the same {what} more than once: {twice}"


def _name(booking: Booking) -> str:
    slot = booking.slot
    return f"{booking.member_id} {booking.state} {slot.start:%Y-%m-%dT%H:%M}/{slot.minutes}"
