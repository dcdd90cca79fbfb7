"""The benchmark of a booking's work sends the same transactions as the service."""

import json

from bench.overhead import BARE, book_in_pairs, send_bare, write_log_lines
from chalicelib.storage.connection import Table


def test_the_bare_transactions_leave_the_items_of_the_service(table: Table) -> None:
    _, transactions = book_in_pairs(table, 6, seed=5)
    assert len(transactions) == 6
    send_bare(table, transactions)

    def items_of(name: str) -> list[str]:
        items = table.connection.client.scan(TableName=name)["Items"]
        return sorted(str(item) for item in items if item["SK"]["S"] != "PROFILE")

    # Six days and three pair rows.
    assert len(items_of(table.table_name)) == 9
    assert items_of(BARE) == items_of(table.table_name)


def test_the_log_lines_are_those_of_bookings(table: Table) -> None:
    _, lines = write_log_lines(table, 3, seed=5)
    fields = [json.loads(line) for line in lines]
    assert [(line["route"], line["status"], line["attempts"], line["writeUnits"]) for line in fields] == [
        ("POST /v1/sessions", 201, 1, 4)
    ] * 3
