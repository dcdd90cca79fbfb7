"""The in-memory table and an engine give the same responses to the same requests."""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError

from infra.in_memory_dynamodb.stream_records import ItemChange
from infra.in_memory_dynamodb.table import InMemoryTable
from infra.table import create_table
from tests.simulation.engine.engine_differences import is_known_difference
from tests.simulation.engine.random_requests import TABLE, draw_request

REQUESTS = 400
EVERYTHING = {"TableName": TABLE, "ConsistentRead": True}

Call = Callable[[str, dict[str, Any]], dict[str, Any]]


@pytest.fixture
def client(engine: str) -> Iterator[BaseClient]:
    # PynamoDB makes it without validation, so the table must refuse malformed requests.
    client = boto3.client("dynamodb", endpoint_url=engine, config=Config(parameter_validation=False))
    create_table(client, TABLE)
    yield client
    client.delete_table(TableName=TABLE)
    client.close()


@pytest.fixture
def table() -> InMemoryTable:
    return InMemoryTable(TABLE, lambda: 0)


def response_of(call: Call, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    """Return the response to a request, without the texts that engines write in their own words."""
    try:
        response = call(operation, request)
    except ClientError as error:
        reasons = error.response.get("CancellationReasons", ())
        comparable_record = [(reason["Code"], ordered(reason.get("Item"))) for reason in reasons]
        return {"refused": error.response["Error"]["Code"], "reasons": comparable_record}
    response.pop("ResponseMetadata", None)
    if operation in ("Query", "Scan", "BatchGetItem"):
        # The engine counts a constant for a query and nothing for a batch.
        response.pop("ConsumedCapacity", None)
    if operation == "BatchGetItem":
        response["Responses"][TABLE] = in_order(response["Responses"][TABLE])
    for consumed in response.get("ConsumedCapacity", ()) if operation == "TransactWriteItems" else ():
        for kind in ("WriteCapacityUnits", "ReadCapacityUnits"):
            consumed.pop(kind, None)
    return ordered(response)


def in_order(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return items ordered by key."""
    return sorted(items, key=lambda item: (item["PK"]["S"], item["SK"]["S"]))


def ordered(value: Any) -> Any:
    """Return the value with the elements of sets in one order."""
    if isinstance(value, dict):
        return {name: sorted(held) if name == "SS" else ordered(held) for name, held in value.items()}
    return [ordered(held) for held in value] if isinstance(value, list) else value


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrize with 20,000 requests in parts for a campaign, else with a share of them."""
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", range(50 if metafunc.config.getoption("--campaign") else 4))


@pytest.fixture
def is_reference(pytestconfig: pytest.Config) -> bool:
    return bool(pytestconfig.getoption("--reference"))


@pytest.mark.sampled(every=4)
def test_random_requests_have_the_same_responses_on_the_engine(
    client: BaseClient, table: InMemoryTable, seed: int, is_reference: bool
) -> None:
    rng = Random(seed)
    sent: list[tuple[str, dict[str, Any]]] = []
    for _ in range(REQUESTS):
        # Some requests are repeated with their token, and some tokens come with another request.
        again = rng.random() < 0.1 and sent
        operation, request = rng.choice(sent) if again else draw_request(rng)
        if again and rng.random() < 0.3 and "ClientRequestToken" in request:
            request = {**draw_transaction(rng), "ClientRequestToken": request["ClientRequestToken"]}
        sent.append((operation, request))
        # The client comes first, because it adds a token to a transaction without one.
        theirs = response_of(client._make_api_call, operation, request)
        ours = response_of(table.call, operation, request)
        if not (is_reference and is_known_difference(operation, request, ours, theirs)):
            assert ours == theirs, (operation, request)
    ours, theirs = (
        in_order(response_of(call, "Scan", EVERYTHING)["Items"]) for call in (table.call, client._make_api_call)
    )
    assert ours == theirs


def put(sk: str, size: int = 0, pk: str = "p") -> dict[str, Any]:
    """Return a put of an item of exactly `size` bytes, or of its keys alone."""
    item = {"PK": {"S": pk}, "SK": {"S": sk}}
    frame = len("PKSKf" + pk + sk)
    return {"Put": {"TableName": TABLE, "Item": {**item, "f": {"S": "f" * (size - frame)}} if size else item}}


def transaction(*actions: dict[str, Any], **more: Any) -> tuple[str, dict[str, Any]]:
    return "TransactWriteItems", {"TransactItems": list(actions), **more}


def query(pk: str = "p", **more: Any) -> tuple[str, dict[str, Any]]:
    condition = {"KeyConditionExpression": "#0 = :0", "ExpressionAttributeNames": {"#0": "PK"}}
    return "Query", {"TableName": TABLE, **condition, "ExpressionAttributeValues": {":0": {"S": pk}}, **more}


LARGEST = 400 * 1024


@pytest.mark.parametrize(
    "actions",
    [
        [put("s", LARGEST)],
        [put("s", LARGEST + 1)],
        [put(str(number)) for number in range(100)],
        [put(str(number)) for number in range(101)],
        [put(str(number), LARGEST) for number in range(10)],
        [put(str(number), LARGEST) for number in range(11)],
        [put("s"), put("s", 100)],
        [],
    ],
    ids=[
        "400 KB",
        "a byte more than 400 KB",
        "100 items",
        "101 items",
        "under 4 MB",
        "over 4 MB",
        "an item twice",
        "nothing",
    ],
)
def test_the_limits_of_a_transaction_are_those_of_the_engine(
    client: BaseClient, table: InMemoryTable, actions: list[dict[str, Any]]
) -> None:
    theirs = response_of(client._make_api_call, *transaction(*actions))
    ours = response_of(table.call, *transaction(*actions))
    ours.pop("ConsumedCapacity", None)
    assert ours == theirs


@pytest.mark.parametrize("backwards", [False, True])
def test_the_limit_of_a_page_is_that_of_the_engine(
    client: BaseClient, table: InMemoryTable, backwards: bool, is_reference: bool
) -> None:
    for sk, size in zip("abcdef", (300_000, 400_000, 348_576, 348_577, 400_000, 10), strict=True):
        client._make_api_call(*transaction(put(sk, size)))
        table.call(*transaction(put(sk, size)))
    start: dict[str, Any] = {}
    pages = []
    while True:
        operation, request = query(ScanIndexForward=not backwards, **start)
        ours = response_of(table.call, operation, request)
        theirs = response_of(client._make_api_call, operation, request)
        # DynamoDB Local ends a page with the item that exceeds 1 MB. AWS documents that a response fits into 1 MB. On a
        # last page of exactly 1 MB, DynamoDB Local says that no more follow.
        assert ours == theirs or (is_reference and ours["Items"] in (theirs["Items"], theirs["Items"][:-1]))
        pages.append(ours["Count"])
        if "LastEvaluatedKey" not in ours:
            break
        start = {"ExclusiveStartKey": ours["LastEvaluatedKey"]}
    assert sum(pages) == 6
    # Backwards the second page has exactly 1 MB, so there is a third request.
    assert len(pages) == (3 if backwards else 2)


def units(table: InMemoryTable, operation: str, request: dict[str, Any]) -> float:
    consumed = table.call(operation, request)["ConsumedCapacity"]
    return float(consumed[0]["CapacityUnits"] if isinstance(consumed, list) else consumed["CapacityUnits"])


def test_units_follow_the_published_rules(table: InMemoryTable) -> None:
    """A transaction costs two units for each started KB, a read one for each 4 KB, a stale read half."""
    key = {"PK": {"S": "p"}, "SK": {"S": "a"}}
    assert units(table, *transaction(put("a", 1025), put("b", 1024), put("c", 5000))) == 2 * (2 + 1 + 5)
    assert units(table, "GetItem", {"TableName": TABLE, "Key": key, "ConsistentRead": True}) == 1
    large = {"PK": {"S": "p"}, "SK": {"S": "c"}}
    assert units(table, "GetItem", {"TableName": TABLE, "Key": large}) == 1
    assert units(table, "GetItem", {"TableName": TABLE, "Key": large, "ConsistentRead": True}) == 2
    keys = {TABLE: {"Keys": [key, large, {"PK": {"S": "p"}, "SK": {"S": "none"}}], "ConsistentRead": True}}
    assert units(table, "BatchGetItem", {"RequestItems": keys}) == 1 + 2 + 1
    # The sizes add up to 7,049 bytes.
    assert units(table, *query(ConsistentRead=True)) == 2
    assert units(table, *query("unknown")) == 0.5
    assert units(table, *transaction({"Delete": {"TableName": TABLE, "Key": large}})) == 10


def test_a_token_is_valid_for_ten_minutes() -> None:
    now = 0.0
    table = InMemoryTable(TABLE, lambda: now)
    request = transaction({"Update": addition("n")}, ClientRequestToken="token")
    for instant, count in ((0.0, 1), (599.0, 1), (600.0, 2)):
        now = instant
        table.call(*request)
        (item,) = table.call(*query())["Items"]
        assert item["n"] == {"N": str(count)}


def addition(name: str) -> dict[str, Any]:
    return {
        "TableName": TABLE,
        "Key": {"PK": {"S": "p"}, "SK": {"S": "s"}},
        "UpdateExpression": "ADD #0 :0",
        "ExpressionAttributeNames": {"#0": name},
        "ExpressionAttributeValues": {":0": {"N": "1"}},
    }


def test_a_stale_read_returns_an_earlier_state() -> None:
    now = 0.0
    table = InMemoryTable(TABLE, lambda: now, lag=lambda: 2.0, max_lag=2.0)
    removed_from_code = {"Delete": {"TableName": TABLE, "Key": {"PK": {"S": "p"}, "SK": {"S": "a"}}}}
    for instant, actions in enumerate(([put("a")], [put("b")], [removed_from_code], [put("a", 100)])):
        now = float(instant)
        table.call(*transaction(*actions))
        current = [item["SK"]["S"] for item in table.call(*query(ConsistentRead=True))["Items"]]
        assert current == [["a"], ["a", "b"], ["b"], ["a", "b"]][instant]
        stale = [item["SK"]["S"] for item in table.call(*query())["Items"]]
        assert stale == [[], [], ["a"], ["a", "b"]][instant]
    got = table.call("GetItem", {"TableName": TABLE, "Key": removed_from_code["Delete"]["Key"]})["Item"]
    assert got == put("a")["Put"]["Item"]


def test_the_stream_records_equal_those_of_the_engine(client: BaseClient, table: InMemoryTable, engine: str) -> None:
    changes: list[ItemChange] = []
    table.listen(changes.append)
    arn = client.describe_table(TableName=TABLE)["Table"]["LatestStreamArn"]
    rng = Random(17)
    for number in range(100):
        # A put of an unchanged item has no stream record.
        request = transaction(put("again"))[1] if number % 10 == 0 else draw_transaction(rng)
        for call in (client._make_api_call, table.call):
            response_of(call, "TransactWriteItems", request)
    theirs = records_of(engine, arn)
    ours = [change.record() for change in changes]
    assert len(ours) > 40
    assert [comparable_record(record) for record in ours] == [comparable_record(record) for record in theirs]
    numbers = [record["dynamodb"]["SequenceNumber"] for record in ours]
    assert numbers == sorted(set(numbers))


def records_of(engine: str, arn: str) -> list[dict[str, Any]]:
    streams = boto3.client("dynamodbstreams", endpoint_url=engine)
    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    begin = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
    records = streams.get_records(ShardIterator=streams.get_shard_iterator(**begin)["ShardIterator"])["Records"]
    streams.close()
    return list(records)


def comparable_record(record: dict[str, Any]) -> tuple[Any, ...]:
    """Return the parts of a record that both engines fill in the same way."""
    change = record["dynamodb"]
    images = [ordered(change.get(image)) for image in ("OldImage", "NewImage")]
    return sorted(change), record["eventName"], change["Keys"], change["StreamViewType"], *images


def test_a_record_may_show_both_images(table: InMemoryTable) -> None:
    changes: list[ItemChange] = []
    table.listen(changes.append)
    old, new = put("s", 100)["Put"]["Item"], put("s", 200)["Put"]["Item"]
    for item in (old, new):
        table.call(*transaction({"Put": {"TableName": TABLE, "Item": item}}))
    key_text = [change.record("NEW_AND_OLD_IMAGES")["dynamodb"] for change in changes]
    assert [(one.get("OldImage"), one.get("NewImage")) for one in key_text] == [(None, old), (old, new)]


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("DeleteItem", {"TableName": TABLE, "Key": {}}),
        query(ProjectionExpression="#0"),
        transaction({"Put": {**put("s")["Put"], "ConditionExpression": "size (#0) > :0"}}),
        transaction({"Put": {**put("s")["Put"], "ConditionExpression": "#0.#1 = :0"}}),
        transaction({"Put": {**put("s")["Put"], "ConditionExpression": "attribute_exists (#0) OR"}}),
        query(KeyConditionExpression="(#0 = :0 AND #1 < :0)"),
    ],
)
def test_an_unknown_form_is_rejected(table: InMemoryTable, operation: str, request_: dict[str, Any]) -> None:
    with pytest.raises((NotImplementedError, ValueError)):
        table.call(operation, request_)


def draw_transaction(rng: Random) -> dict[str, Any]:
    while True:
        operation, request = draw_request(rng)
        if operation == "TransactWriteItems":
            return request
