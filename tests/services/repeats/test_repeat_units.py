"""The request units that the repeats of a member add to those of their bookings (R40)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from bench.request_units import RequestUnitLedger
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.slot import Slot
from chalicelib.storage import repeat_reads
from chalicelib.storage.document_keys import DUE_SHARDS
from tests.harness import World
from tests.repeat_run import DAY, NINE, bookings, repeated, run_schedule

SWEEP = timedelta(minutes=10)
HALF_AN_HOUR = timedelta(minutes=30)
MEASURED_DAYS = 7


def sweeps(world: World, member: Profile, until: datetime) -> Iterator[None]:
    """Advance the clock to each sweep at which repeats of the member are due."""
    while due := repeat_reads.repeats_of(world.table, member.member_id).schedule.due:
        world.now = max(world.now, NINE + -((NINE - due) // SWEEP) * SWEEP)
        if world.now >= until:
            return
        yield


@pytest.mark.long  # Books 200 sessions.
def test_r40_ten_daily_repeats_cost_at_most_40_units_a_day_more_than_their_bookings(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    for hours in range(10):
        repeated(world, ada, time=f"{9 + hours:02}:00", first=(NINE + DAY * 14).date(), title="Thesis")
    made: set[Slot] = set()
    with RequestUnitLedger(world.table.connection.client) as ledger:
        for _ in sweeps(world, ada, NINE + DAY * (2 + MEASURED_DAYS)):
            measured = world.now >= NINE + DAY * 2
            with ledger.entry("repeats" if measured else "before"):
                run_schedule(world)
            new = [one.slot for one in bookings(world, ada) if one.slot not in made]
            made.update(new)
            with ledger.entry("by hand" if measured else "before"):
                # Half an hour later, so that the two are not matched.
                for slot in new:
                    world.book(ben, Slot(slot.start + HALF_AN_HOUR, slot.minutes), title="Thesis")
    totals = ledger.totals()
    repeats, by_hand = totals["repeats"], totals["by hand"]
    # A run reads the list of all members, which costs a unit for each partition.
    read = repeats.read_units - by_hand.read_units - repeats.entries * DUE_SHARDS
    # A run makes the occurrences of a day and one more, so that the next is due 25 hours later.
    assert (repeats.entries, len(made)) == (MEASURED_DAYS, 99)
    assert (repeats.write_units - by_hand.write_units, read) == (231, 51)
    assert (231 + 51) / (MEASURED_DAYS * 25 / 24) < 39
