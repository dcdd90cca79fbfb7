"""Tests of the health view."""

from bench.request_units import RequestUnitLedger
from tests.handlers.conftest import SignIn
from tests.harness import World


def test_the_health_check_reads_no_item(world: World, sign_in: SignIn) -> None:
    with RequestUnitLedger(world.table.connection.client) as ledger, ledger.entry("health") as entry:
        answer = sign_in("a monitor")("GET", "/health")
    assert (answer.status_code, answer.json_body) == (200, {"status": "ok"})
    assert entry.requests == []
