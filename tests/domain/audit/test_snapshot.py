"""The parts of a snapshot, and the union of two snapshots."""

from datetime import UTC, date, datetime

from chalicelib.domain.audit.snapshot import Snapshot
from chalicelib.domain.decisions.queue_rows import PairRow, WaitingRow
from chalicelib.domain.model.booking import Booking, QueuePosition, State
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.member import Relation
from chalicelib.domain.model.slot import Slot

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
SLOT = Slot(MONDAY, 50)
WAITING = WaitingRow(SLOT, QueuePosition(False, MONDAY), "ada")
PAIR = PairRow(SLOT, "pair", frozenset({"ben", "cy"}))


def day(member_id: str, version: int, *states: State) -> Day:
    bookings = tuple(Booking(state.value, member_id, SLOT, MONDAY, state) for state in states)
    return Day(member_id, SLOT.date, version, bookings)


def test_waiting_rows_and_pair_rows_are_the_two_kinds_of_rows() -> None:
    snapshot = Snapshot(rows={WAITING, PAIR})
    assert (snapshot.waiting_rows, snapshot.pair_rows) == ({WAITING}, {PAIR})


def test_active_bookings_are_those_of_a_date_that_are_not_cancelled() -> None:
    snapshot = Snapshot(days={("ada", SLOT.date): day("ada", 1, State.CANCELLED, State.MATCHED)})
    assert [booking.state for booking in snapshot.active("ada", SLOT.date)] == [State.MATCHED]
    assert list(snapshot.active("ada", date(2026, 3, 3))) == []
    assert list(snapshot.active("ben", SLOT.date)) == []


def test_a_union_has_the_items_of_both_and_takes_the_second_of_two_versions() -> None:
    key = ("ada", SLOT.date)
    first = Snapshot(days={key: day("ada", 1)}, rows={WAITING}, relations={("ada", "ben"): Relation(favorite=True)})
    second = Snapshot(days={key: day("ada", 2)}, rows={PAIR}, unreadable={("pk", "sk")})
    assert first | second == Snapshot(
        days={key: day("ada", 2)},
        rows={WAITING, PAIR},
        relations={("ada", "ben"): Relation(favorite=True)},
        unreadable={("pk", "sk")},
    )
    # Neither of the two changes.
    assert (first.days, second.rows) == ({key: day("ada", 1)}, {PAIR})


def test_two_snapshots_share_no_item() -> None:
    Snapshot().rows.add(WAITING)
    assert Snapshot() == Snapshot(rows=set())
