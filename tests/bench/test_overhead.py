"""The bench of the service's own work sends the very transactions that the service made."""

import json

from bench.overhead import BARE, book_in_pairs, send_bare, tell_lines
from chalicelib.storage.connection import Table


def test_the_bare_transactions_leave_what_the_service_left(table: Table) -> None:
    _, transactions = book_in_pairs(table, 6, seed=5)
    assert len(transactions) == 6
    send_bare(table, transactions)

    def left(name: str) -> list[str]:
        items = table.connection.client.scan(TableName=name)["Items"]
        return sorted(str(item) for item in items if item["SK"]["S"] != "PROFILE")

    # Six days and three rows of pairs.
    assert len(left(table.table_name)) == 9
    assert left(BARE) == left(table.table_name)


def test_the_lines_are_those_of_bookings(table: Table) -> None:
    _, lines = tell_lines(table, 3, seed=5)
    said = [json.loads(line) for line in lines]
    assert [(one["route"], one["status"], one["attempts"], one["writeUnits"]) for one in said] == [
        ("POST /v1/sessions", 201, 1, 4)
    ] * 3
