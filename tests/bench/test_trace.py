"""A small trace plays to its end, leaves the table in order."""

import pytest

from bench.plan import Options
from bench.report import lines
from bench.trace import run
from chalicelib.storage.connection import Table

SMALL = Options(members=30, days=2, bookings=80)


@pytest.mark.long  # Plays a trace on the engine.
def test_a_small_trace_plays_and_its_transactions_cost_what_they_should(table: Table) -> None:
    result = run(table, SMALL)
    averages = {label: row.write_units / row.entries for label, row in result.rows.items() if row.entries}
    assert averages["booking: waits"] == 4
    assert averages["booking: pairs at once"] == 8
    assert averages["list of two weeks of sessions"] == 0
    assert result.headline.matched > SMALL.bookings / 2
    assert any(line.startswith("= per matched booking") for line in lines(result.rows, result.headline))
