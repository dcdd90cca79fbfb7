"""The bench of the service's own work sends the very transactions that the service made."""

import json

from bench.overhead import BARE, book_in_pairs, send_bare, tell_lines
from chalicelib.storage.connection import connection


def test_the_bare_transactions_leave_what_the_service_left(table: str) -> None:
    _, transactions = book_in_pairs(6, seed=5)
    assert len(transactions) == 6
    send_bare(transactions)

    def left(name: str) -> list[str]:
        items = connection().client.scan(TableName=name)["Items"]
        return sorted(str(item) for item in items if item["SK"]["S"] != "PROFILE")

    # Six days and three rows of pairs.
    assert len(left(table)) == 9
    assert left(BARE) == left(table)


def test_the_lines_are_those_of_bookings() -> None:
    _, lines = tell_lines(3, seed=5)
    said = [json.loads(line) for line in lines]
    assert [(one["route"], one["status"], one["attempts"], one["writeUnits"]) for one in said] == [
        ("POST /v1/sessions", 201, 1, 4)
    ] * 3
