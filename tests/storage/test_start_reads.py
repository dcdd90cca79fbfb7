"""The reads of the sessions that start soon."""

from datetime import timedelta

from chalicelib.domain.decisions.start_rows import start_row
from chalicelib.domain.model.session_start import AnnouncedStarts
from chalicelib.domain.model.slot import Slot
from chalicelib.storage.documents import document_item
from chalicelib.storage.start_reads import announced_starts, sessions_starting_at
from tests import batches
from tests.harness import MONDAY, World, at

NINE, LATE, NEXT = at(1), at(15.75), at(16)
ROWS = [
    start_row(f"member {number}", f"booking {number}", slot)
    for number, slot in enumerate((NINE, Slot(NINE.start, 25), at(1.25), LATE, NEXT, at(25)) * 5)
]


def test_r42_the_sessions_of_all_lengths_and_shards_that_start_at_the_instants_are_found(moto_world: World) -> None:
    batches.save(moto_world.table, map(document_item, ROWS))
    for instants in ([NINE.start], [NINE.start, at(1.25).start], [LATE.start, NEXT.start], [at(2).start], []):
        found = list(sessions_starting_at(moto_world.table, instants))
        expected = [row for row in ROWS if row.slot.start in instants]
        assert sorted(found, key=lambda row: row.booking_id) == sorted(expected, key=lambda row: row.booking_id)
    moto_world.clear()


def test_r42_the_instant_of_the_last_run_is_none_before_the_first(moto_world: World) -> None:
    assert announced_starts(moto_world.table) is None
    stored = AnnouncedStarts(until=MONDAY + timedelta(microseconds=5), version=1)
    batches.save(moto_world.table, [document_item(stored)])
    assert announced_starts(moto_world.table) == stored
    moto_world.clear()
