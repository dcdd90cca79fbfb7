"""The table in memory against an engine: the same requests get the same answers."""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError

from infra.in_memory_dynamodb.stream_records import Change
from infra.in_memory_dynamodb.table import InMemoryTable
from infra.table import create_table
from tests.simulation.engine.engine_differences import is_known_difference
from tests.simulation.engine.random_requests import TABLE, draw_request

REQUESTS = 400
EVERYTHING = {"TableName": TABLE, "ConsistentRead": True}

Call = Callable[[str, dict[str, Any]], dict[str, Any]]


@pytest.fixture
def client(engine: str) -> Iterator[BaseClient]:
    # As PynamoDB makes it: what is wrong is for the table to refuse.
    client = boto3.client("dynamodb", endpoint_url=engine, config=Config(parameter_validation=False))
    create_table(client, TABLE)
    yield client
    client.delete_table(TableName=TABLE)
    client.close()


@pytest.fixture
def table() -> InMemoryTable:
    return InMemoryTable(TABLE, lambda: 0)


def answer_of(call: Call, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    """What comes of a request, without what engines word in their own way."""
    try:
        answer = call(operation, request)
    except ClientError as error:
        reasons = error.response.get("CancellationReasons", ())
        comparable_record = [(reason["Code"], ordered(reason.get("Item"))) for reason in reasons]
        return {"refused": error.response["Error"]["Code"], "reasons": comparable_record}
    answer.pop("ResponseMetadata", None)
    if operation in ("Query", "Scan", "BatchGetItem"):
        # The engine's figure for a query is a constant, and for a batch none.
        answer.pop("ConsumedCapacity", None)
    if operation == "BatchGetItem":
        answer["Responses"][TABLE] = in_order(answer["Responses"][TABLE])
    for consumed in answer.get("ConsumedCapacity", ()) if operation == "TransactWriteItems" else ():
        for kind in ("WriteCapacityUnits", "ReadCapacityUnits"):
            consumed.pop(kind, None)
    return ordered(answer)


def in_order(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Items in the order of their keys."""
    return sorted(items, key=lambda item: (item["PK"]["S"], item["SK"]["S"]))


def ordered(value: Any) -> Any:
    """The same with the elements of sets in one order."""
    if isinstance(value, dict):
        return {name: sorted(held) if name == "SS" else ordered(held) for name, held in value.items()}
    return [ordered(held) for held in value] if isinstance(value, list) else value


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """In a campaign 20,000 requests, in parts; else a share."""
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", range(50 if metafunc.config.getoption("--campaign") else 4))


@pytest.fixture
def is_reference(pytestconfig: pytest.Config) -> bool:
    return bool(pytestconfig.getoption("--reference"))


def test_random_requests_get_the_answers_that_the_engine_gives(
    client: BaseClient, table: InMemoryTable, seed: int, is_reference: bool
) -> None:
    rng = Random(seed)
    sent: list[tuple[str, dict[str, Any]]] = []
    for _ in range(REQUESTS):
        # Now and then one is sent again under its token, or its token comes with something else.
        again = rng.random() < 0.1 and sent
        operation, request = rng.choice(sent) if again else draw_request(rng)
        if again and rng.random() < 0.3 and "ClientRequestToken" in request:
            request = {**draw_transaction(rng), "ClientRequestToken": request["ClientRequestToken"]}
        sent.append((operation, request))
        # The client first: it gives a transaction a token that has none.
        theirs = answer_of(client._make_api_call, operation, request)
        ours = answer_of(table.call, operation, request)
        if not (is_reference and is_known_difference(operation, request, ours, theirs)):
            assert ours == theirs, (operation, request)
    ours, theirs = (
        in_order(answer_of(call, "Scan", EVERYTHING)["Items"]) for call in (table.call, client._make_api_call)
    )
    assert ours == theirs


def put(sk: str, size: int = 0, pk: str = "p") -> dict[str, Any]:
    """A put of an item that counts exactly `size` bytes, if that is more than its keys."""
    item = {"PK": {"S": pk}, "SK": {"S": sk}}
    frame = len("PKSKf" + pk + sk)
    return {"Put": {"TableName": TABLE, "Item": {**item, "f": {"S": "f" * (size - frame)}} if size else item}}


def transaction(*actions: dict[str, Any], **more: Any) -> tuple[str, dict[str, Any]]:
    return "TransactWriteItems", {"TransactItems": list(actions), **more}


def query(pk: str = "p", **more: Any) -> tuple[str, dict[str, Any]]:
    asked = {"KeyConditionExpression": "#0 = :0", "ExpressionAttributeNames": {"#0": "PK"}}
    return "Query", {"TableName": TABLE, **asked, "ExpressionAttributeValues": {":0": {"S": pk}}, **more}


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
    ids=["400 KB", "a byte more", "100 items", "101 items", "under 4 MB", "over 4 MB", "an item twice", "nothing"],
)
def test_a_transaction_may_be_as_large_as_on_the_engine(
    client: BaseClient, table: InMemoryTable, actions: list[dict[str, Any]]
) -> None:
    theirs = answer_of(client._make_api_call, *transaction(*actions))
    ours = answer_of(table.call, *transaction(*actions))
    ours.pop("ConsumedCapacity", None)
    assert ours == theirs


@pytest.mark.parametrize("backwards", [False, True])
def test_a_page_holds_as_much_as_on_the_engine(
    client: BaseClient, table: InMemoryTable, backwards: bool, is_reference: bool
) -> None:
    for sk, size in zip("abcdef", (300_000, 400_000, 348_576, 348_577, 400_000, 10), strict=True):
        client._make_api_call(*transaction(put(sk, size)))
        table.call(*transaction(put(sk, size)))
    start: dict[str, Any] = {}
    pages = []
    while True:
        operation, request = query(ScanIndexForward=not backwards, **start)
        ours = answer_of(table.call, operation, request)
        theirs = answer_of(client._make_api_call, operation, request)
        # DynamoDB Local ends a page with the item that goes beyond 1 MB, where AWS says that what is answered fits in;
        # and of a page that is full to the byte and the last it knows that it is the last.
        assert ours == theirs or (is_reference and ours["Items"] in (theirs["Items"], theirs["Items"][:-1]))
        pages.append(ours["Count"])
        if "LastEvaluatedKey" not in ours:
            break
        start = {"ExclusiveStartKey": ours["LastEvaluatedKey"]}
    assert sum(pages) == 6
    # Backwards the second page is full to the byte, so a third is asked for.
    assert len(pages) == (3 if backwards else 2)


def units(table: InMemoryTable, operation: str, request: dict[str, Any]) -> float:
    consumed = table.call(operation, request)["ConsumedCapacity"]
    return float(consumed[0]["CapacityUnits"] if isinstance(consumed, list) else consumed["CapacityUnits"])


def test_units_are_counted_by_the_published_rules(table: InMemoryTable) -> None:
    """By hand: two for each KB begun in a transaction, one for each 4 KB of a read, half where it may be stale."""
    key = {"PK": {"S": "p"}, "SK": {"S": "a"}}
    assert units(table, *transaction(put("a", 1025), put("b", 1024), put("c", 5000))) == 2 * (2 + 1 + 5)
    assert units(table, "GetItem", {"TableName": TABLE, "Key": key, "ConsistentRead": True}) == 1
    large = {"PK": {"S": "p"}, "SK": {"S": "c"}}
    assert units(table, "GetItem", {"TableName": TABLE, "Key": large}) == 1
    assert units(table, "GetItem", {"TableName": TABLE, "Key": large, "ConsistentRead": True}) == 2
    keys = {TABLE: {"Keys": [key, large, {"PK": {"S": "p"}, "SK": {"S": "none"}}], "ConsistentRead": True}}
    assert units(table, "BatchGetItem", {"RequestItems": keys}) == 1 + 2 + 1
    # The sum of the sizes counts: 7,049 bytes.
    assert units(table, *query(ConsistentRead=True)) == 2
    assert units(table, *query("nobody")) == 0.5
    assert units(table, *transaction({"Delete": {"TableName": TABLE, "Key": large}})) == 10


def test_a_token_is_good_for_ten_minutes() -> None:
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


def test_a_read_that_may_be_stale_shows_the_table_as_it_was() -> None:
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


def test_the_stream_tells_what_the_engine_tells(client: BaseClient, table: InMemoryTable, engine: str) -> None:
    changes: list[Change] = []
    table.listen(changes.append)
    arn = client.describe_table(TableName=TABLE)["Table"]["LatestStreamArn"]
    rng = Random(17)
    for number in range(100):
        # What is put again as it is changes nothing.
        request = transaction(put("again"))[1] if number % 10 == 0 else draw_transaction(rng)
        for call in (client._make_api_call, table.call):
            answer_of(call, "TransactWriteItems", request)
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
    """What both can tell alike: what else a record has, and what changed, image by image."""
    change = record["dynamodb"]
    images = [ordered(change.get(image)) for image in ("OldImage", "NewImage")]
    return sorted(change), record["eventName"], change["Keys"], change["StreamViewType"], *images


def test_a_record_may_show_both_images(table: InMemoryTable) -> None:
    changes: list[Change] = []
    table.listen(changes.append)
    old, new = put("s", 100)["Put"]["Item"], put("s", 200)["Put"]["Item"]
    for item in (old, new):
        table.call(*transaction({"Put": {"TableName": TABLE, "Item": item}}))
    key_text = [change.record("NEW_AND_OLD_IMAGES")["dynamodb"] for change in changes]
    assert [(one.get("OldImage"), one.get("NewImage")) for one in key_text] == [(None, old), (old, new)]


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("PutItem", {"TableName": TABLE, "Item": {}}),
        query(ProjectionExpression="#0"),
        transaction({"Put": {**put("s")["Put"], "ConditionExpression": "size (#0) > :0"}}),
        transaction({"Put": {**put("s")["Put"], "ConditionExpression": "#0.#1 = :0"}}),
        transaction({"Put": {**put("s")["Put"], "ConditionExpression": "attribute_exists (#0) OR"}}),
        query(KeyConditionExpression="(#0 = :0 AND #1 < :0)"),
    ],
)
def test_what_it_does_not_know_is_not_guessed(table: InMemoryTable, operation: str, request_: dict[str, Any]) -> None:
    with pytest.raises((NotImplementedError, ValueError)):
        table.call(operation, request_)


def draw_transaction(rng: Random) -> dict[str, Any]:
    while True:
        operation, request = draw_request(rng)
        if operation == "TransactWriteItems":
            return request
