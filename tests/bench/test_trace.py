"""The replay of a small trace."""

import pytest

from bench.plan import TraceOptions
from bench.report import lines
from bench.trace import figures, new_table, run
from chalicelib.storage.connection import Table
from infra.local.engine import Engine

SMALL = TraceOptions(members=30, days=2, bookings=80)


@pytest.mark.long  # Replays a trace on the engine.
def test_the_transactions_of_a_small_trace_have_their_designed_costs_each_time(table: Table) -> None:
    result = run(table, SMALL)
    averages = {label: row.write_units / row.entries for label, row in result.rows.items() if row.entries}
    assert averages["booking: waits"] == 4
    assert averages["booking: pairs at once"] == 8
    assert averages["list of two weeks of sessions"] == 0
    assert result.headline.matched > SMALL.bookings / 2
    # Equal traces have equal tokens of transactions, so each has an engine of its own.
    with Engine() as engine:
        again = run(new_table(engine.url, "again"), SMALL)
    assert figures(SMALL, again) == figures(SMALL, result)
    assert any(line.startswith("= per matched booking") for line in lines(result.rows, result.headline))
