"""The ledger compared with the consumed capacity of the engine and with sums by hand, also for use cases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bench.replay import environment
from bench.request_units import CountedRequest, Entry, RequestUnitLedger
from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.slot import Slot
from chalicelib.services.bookings.book import book_session
from chalicelib.services.bookings.cancel import cancel_session
from chalicelib.services.context import Context
from chalicelib.services.members.profiles import Claims, get_or_create_member
from chalicelib.settings import from_environment
from chalicelib.storage.connection import Table

NOW = datetime(2026, 12, 1, 8, tzinfo=UTC)
NINE = Slot(NOW + timedelta(hours=1), 50)
# The bytes of an item's key and of the name of its filler attribute.
FRAME = len("PKxSK0f")


def key(number: int) -> dict[str, Any]:
    return {"PK": {"S": "x"}, "SK": {"S": str(number)}}


def item(number: int, size: int) -> dict[str, Any]:
    """Return an item of exactly `size` bytes."""
    return {**key(number), "f": {"S": "f" * (size - FRAME)}}


def put(table: Table, number: int, size: int) -> float:
    """Store an item and return the capacity that the engine reports."""
    response = table.connection.client.put_item(
        TableName=table.table_name, Item=item(number, size), ReturnConsumedCapacity="TOTAL"
    )
    return float(response["ConsumedCapacity"]["CapacityUnits"])


def transact(table: Table, *actions: dict[str, Any], token: str | None = None) -> float:
    named = [{kind: {"TableName": table.table_name, **body} for kind, body in action.items()} for action in actions]
    more = {"ClientRequestToken": token} if token else {}
    response = table.connection.client.transact_write_items(TransactItems=named, ReturnConsumedCapacity="TOTAL", **more)
    return float(sum(part["CapacityUnits"] for part in response["ConsumedCapacity"]))


@pytest.mark.parametrize(("size", "units"), [(100, 1), (1024, 1), (1025, 2), (3000, 3)])
def test_a_put_is_charged_by_the_kilobyte_as_the_engine_says(
    ledger: RequestUnitLedger, table: Table, size: int, units: int
) -> None:
    with ledger.entry("put") as entry:
        engine_says = put(table, 0, size)
    assert (entry.write_units, engine_says) == (units, units)


def test_a_transaction_is_charged_twice_as_the_engine_says(ledger: RequestUnitLedger, table: Table) -> None:
    with ledger.entry("transaction") as entry:
        engine_says = transact(table, {"Put": {"Item": item(0, 100)}}, {"Put": {"Item": item(1, 1500)}})
    assert (entry.write_units, engine_says) == (2 + 4, 6)


def test_each_action_of_a_transaction_is_charged_by_the_larger_item(ledger: RequestUnitLedger, table: Table) -> None:
    for number in range(4):
        put(table, number, 2500)
    shrink = {"UpdateExpression": "SET f = :f", "ExpressionAttributeValues": {":f": {"S": "f"}}}
    with ledger.entry("transaction") as entry:
        transact(
            table,
            {"Put": {"Item": item(0, 100)}},
            {"Update": {"Key": key(1), **shrink}},
            {"Delete": {"Key": key(2)}},
            {"ConditionCheck": {"Key": key(3), "ConditionExpression": "attribute_exists(PK)"}},
            {"Delete": {"Key": key(9)}},
        )
    (request,) = entry.requests
    assert [(access.action, access.write_units) for access in request.accesses] == [
        ("Put", 6),
        ("Update", 6),
        ("Delete", 6),
        ("ConditionCheck", 6),
        ("Delete", 2),
    ]
    with ledger.entry("again, all of them small or gone") as entry:
        table.connection.client.delete_item(TableName=table.table_name, Key=key(0))
        table.connection.client.update_item(TableName=table.table_name, Key=key(1), **shrink)
        table.connection.client.delete_item(TableName=table.table_name, Key=key(2))
    assert [request.write_units for request in entry.requests] == [1, 1, 1]


def test_a_cancelled_transaction_is_charged_and_changes_nothing(ledger: RequestUnitLedger, table: Table) -> None:
    put(table, 0, 100)
    unwritten = {"Item": item(0, 2000), "ConditionExpression": "attribute_not_exists(PK)"}
    with ledger.entry("cancelled") as entry, pytest.raises(ClientError):
        transact(table, {"Put": unwritten})
    (request,) = entry.requests
    assert (request.refusal, request.write_units, request.writes) == ("TransactionCanceledException", 4, True)
    with ledger.entry("delete") as entry:
        table.connection.client.delete_item(TableName=table.table_name, Key=key(0))
    assert entry.write_units == 1


def test_a_transaction_repeated_with_its_token_is_charged_as_reads(ledger: RequestUnitLedger, table: Table) -> None:
    with ledger.entry("twice") as entry:
        for _ in range(2):
            transact(table, {"Put": {"Item": item(0, 1500)}}, token="again")
    assert [(request.write_units, request.read_units) for request in entry.requests] == [(4, 0), (0, 2)]


def test_an_invalid_request_is_charged_nothing(ledger: RequestUnitLedger, table: Table) -> None:
    with ledger.entry("invalid") as entry, pytest.raises(ClientError):
        table.connection.client.put_item(TableName="no-such-table", Item=item(0, 100))
    assert (len(entry.requests), entry.write_units) == (1, 0)


def test_reads_of_single_items_are_rounded_up_item_by_item(ledger: RequestUnitLedger, table: Table) -> None:
    put(table, 0, 100)
    put(table, 1, 5000)
    keys = [key(0), key(1), key(2)]
    with ledger.entry("reads") as entry:
        table.connection.client.get_item(TableName=table.table_name, Key=key(1), ConsistentRead=True)
        table.connection.client.get_item(TableName=table.table_name, Key=key(1))
        table.connection.client.get_item(TableName=table.table_name, Key=key(2))
        table.connection.client.batch_get_item(RequestItems={table.table_name: {"Keys": keys, "ConsistentRead": True}})
        table.connection.client.batch_get_item(RequestItems={table.table_name: {"Keys": keys}})
        table.connection.client.transact_get_items(
            TransactItems=[{"Get": {"TableName": table.table_name, "Key": one}} for one in keys]
        )
    assert [request.read_units for request in entry.requests] == [2, 1, 0.5, 1 + 2 + 1, 2, 2 + 4 + 2]


def test_queries_and_scans_are_rounded_up_page_by_page(ledger: RequestUnitLedger, table: Table) -> None:
    for number in range(5):
        put(table, number, 1000)
    asked = {"KeyConditionExpression": "PK = :pk", "ConsistentRead": True}
    with ledger.entry("reads") as entry:
        table.connection.client.query(
            TableName=table.table_name, ExpressionAttributeValues={":pk": {"S": "x"}}, **asked
        )
        table.connection.client.query(
            TableName=table.table_name, ExpressionAttributeValues={":pk": {"S": "x"}}, Limit=4, **asked
        )
        table.connection.client.query(
            TableName=table.table_name, ExpressionAttributeValues={":pk": {"S": "unknown"}}, **asked
        )
        table.connection.client.scan(TableName=table.table_name)
    assert [request.read_units for request in entry.requests] == [2, 1, 1, 1]


def test_requests_have_their_operation_and_keys_in_order(ledger: RequestUnitLedger, table: Table) -> None:
    put(table, 0, 100)
    table.connection.client.get_item(TableName=table.table_name, Key=key(1))
    assert [request.shape for request in ledger.requests] == [("PutItem", 1), ("GetItem", 1)]
    assert [access.key for request in ledger.requests for access in request.accesses] == [("x", "0"), ("x", "1")]
    assert [request.operation for request in ledger.writes] == ["PutItem"]


def test_threads_have_separate_entries_and_threads_without_one_count_for_the_only_open_entry(
    ledger: RequestUnitLedger, table: Table
) -> None:
    def write(number: int) -> int:
        with ledger.entry("own") as entry:
            put(table, number, 1024 * number)
        return entry.write_units

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(write, range(1, 9))) == list(range(1, 9))
        with ledger.entry("shared") as entry:
            list(pool.map(lambda number: put(table, number, 100), range(20, 24)))
    assert (ledger.totals()["own"].write_units, entry.write_units) == (36, 4)


def test_parallel_requests_are_one_round_trip() -> None:
    def request(began: int, ended: int) -> CountedRequest:
        return CountedRequest("GetItem", (), began, ended)

    assert Entry("", [request(0, 1), request(2, 5), request(3, 4), request(6, 7)]).round_trips == 3


def deployment(table: Table) -> Context:
    # Each table has its own seed: one engine serves all tests, and a token belongs to one transaction.
    return Context(
        from_environment(environment()),
        table,
        lambda: NOW,
        Random(table.table_name),
        Random(table.table_name),
        pause=lambda _seconds: None,
    )


def book(context: Context, caller: Profile) -> str:
    return book_session(context, caller, BookingRequest(NINE), None).view.booking.booking_id


def test_a_waiting_booking_costs_four_units_a_pairing_eight_and_a_cancellation_eight(
    table: Table, ledger: RequestUnitLedger
) -> None:
    context = deployment(table)
    first, second = (
        get_or_create_member(context, Claims("issuer", name, name, None, "Europe/Berlin", NOW)) for name in "ab"
    )
    with ledger.entry("waits") as waits:
        book(context, first)
    with ledger.entry("pairs") as pairs:
        booking_id = book(context, second)
    with ledger.entry("cancels") as cancels:
        cancel_session(context, second.member_id, booking_id)
    assert (waits.write_units, pairs.write_units, cancels.write_units) == (4, 8, 8)


def test_a_repeated_cancellation_writes_once(table: Table, ledger: RequestUnitLedger) -> None:
    context = deployment(table)
    caller = get_or_create_member(context, Claims("issuer", "a", "a", None, "Europe/Berlin", NOW))
    booking_id = book(context, caller)
    cancel_session(context, caller.member_id, booking_id)
    written = len(ledger.writes)
    cancel_session(context, caller.member_id, booking_id)
    assert len(ledger.writes) == written
