"""Random requests in the forms in which PynamoDB sends those of the storage layer."""

from collections.abc import Callable
from random import Random
from typing import Any

TABLE = "simulated"
KINDS = ("day", "waiting", "pair", "chore")
PARTITIONS = ("MEMBER#a", "MEMBER#b", "POOL#1")
SORT_KEYS = tuple(f"{prefix}#{number}" for prefix in ("DAY", "REL", "ZÜ") for number in range(5))
# As texts they are in another order.
NUMBERS = ("0", "1", "2", "9", "10", "11")

Request = tuple[str, dict[str, Any]]


def draw_request(chance: Random) -> Request:
    """Any one request; about half of them write."""
    draw: Callable[[Random], Request] = chance.choices([_transaction, _get, _batch, _query], [5, 2, 1, 2])[0]
    return draw(chance)


def _get(chance: Random) -> Request:
    return "GetItem", {**_common(), "Key": _key(chance), "ConsistentRead": chance.random() < 0.5}


def _batch(chance: Random) -> Request:
    keys = [_key(chance) for _ in range(chance.choice([0, 1, 3, 8]))]
    if chance.random() < 0.8:
        keys = [key for number, key in enumerate(keys) if key not in keys[:number]]
    asked = {"Keys": keys, "ConsistentRead": chance.random() < 0.5}
    return "BatchGetItem", {"RequestItems": {TABLE: asked}, "ReturnConsumedCapacity": "TOTAL"}


def _query(chance: Random) -> Request:
    pk = chance.choice(PARTITIONS)
    names, values = {"#0": "PK", "#1": "SK", "#2": "k"}, {":0": {"S": pk}}
    condition = chance.choice(["#0 = :0", "(#0 = :0 AND begins_with (#1, :1))", "(#0 = :0 AND #1 BETWEEN :1 AND :2)"])
    if ":1" in condition:
        values[":1"] = {"S": chance.choice(["DAY#", "REL", "ZÜ#1", *SORT_KEYS])}
    if ":2" in condition:
        values[":2"] = {"S": max(values[":1"]["S"], chance.choice(SORT_KEYS))}
    wanted = chance.sample(KINDS, 3)
    values |= {f":{number + 3}": {"S": kind} for number, kind in enumerate(wanted)}
    request = {
        **_common(),
        "KeyConditionExpression": condition,
        "FilterExpression": "#2 IN (:3, :4, :5)",
        "ExpressionAttributeNames": {name: used for name, used in names.items() if name != "#1" or name in condition},
        "ExpressionAttributeValues": values,
        "ScanIndexForward": chance.random() < 0.5,
        "ConsistentRead": chance.random() < 0.5,
    }
    if chance.random() < 0.6:
        request["Limit"] = chance.randrange(1, 6)
    if chance.random() < 0.3:
        request["ExclusiveStartKey"] = {"PK": {"S": pk}, "SK": {"S": chance.choice(SORT_KEYS)}}
    return "Query", request


def _transaction(chance: Random) -> Request:
    actions = [_action(chance) for _ in range(chance.choice([1, 1, 2, 3, 5]))]
    request = {"TransactItems": actions, "ReturnConsumedCapacity": "TOTAL"}
    if chance.random() < 0.7:
        request["ClientRequestToken"] = f"{chance.getrandbits(64):016x}"
    return "TransactWriteItems", request


def _action(chance: Random) -> dict[str, Any]:
    kind = chance.choice(["Put", "Put", "Update", "Delete", "ConditionCheck"])
    names: dict[str, str] = {}
    values: dict[str, Any] = {}
    body: dict[str, Any] = {"TableName": TABLE}
    if kind == "Put":
        body["Item"] = _item(chance)
    else:
        body["Key"] = _key(chance)
    if kind == "Update":
        body["UpdateExpression"] = "SET #8 = :8, #7 = :7 ADD #9 :9"
        names |= {"#8": "k", "#9": "n", "#7": "v"}
        values |= {":8": {"S": chance.choice(KINDS)}, ":9": {"N": "1"}, ":7": {"N": "1"}}
    if kind == "ConditionCheck" or chance.random() < 0.6:
        _add_condition(chance, body, names, values)
    if names:
        body["ExpressionAttributeNames"] = names
    if values:
        body["ExpressionAttributeValues"] = values
    return {kind: body}


def _add_condition(chance: Random, body: dict[str, Any], names: dict[str, str], values: dict[str, Any]) -> None:
    operator = chance.choice(["=", "=", "<>", "<", "<=", ">", ">="])
    expression = chance.choice(
        [
            "attribute_not_exists (#0)",
            "attribute_exists (#1)",
            f"#1 {operator} :1",
            f"(attribute_not_exists (#0) OR #1 {operator} :1)",
            f"(attribute_exists (#0) AND #1 {operator} :1)",
            "(NOT attribute_exists (#1))",
        ]
    )
    names |= {name: used for name, used in {"#0": "PK", "#1": chance.choice("nvt")}.items() if name in expression}
    if ":1" in expression:
        values[":1"] = chance.choice([{"N": chance.choice(NUMBERS)}, {"N": "1.0"}, {"S": "1"}])
    body["ConditionExpression"] = expression
    if chance.random() < 0.5:
        body["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"


def _item(chance: Random) -> dict[str, Any]:
    item = {**_key(chance), "k": {"S": chance.choice(KINDS)}, "v": {"N": "1"}}
    if chance.random() < 0.7:
        item["n"] = {"N": chance.choice(NUMBERS)}
    if chance.random() < 0.3:
        item["d"] = {"SS": sorted(chance.sample(["x", "y", "z"], 2))}
    if chance.random() < 0.3:
        item["b"] = {"L": [{"M": {"i": {"S": "token"}, "f": {"BOOL": True}}}]}
    if chance.random() < 0.2:
        # Below 4 KB: the engine charges a read one unit whatever the size.
        item["h"] = {"S": "long " * chance.choice([150, 300, 700])}
    return item


def _key(chance: Random) -> dict[str, Any]:
    return {"PK": {"S": chance.choice(PARTITIONS)}, "SK": {"S": chance.choice(SORT_KEYS)}}


def _common() -> dict[str, Any]:
    return {"TableName": TABLE, "ReturnConsumedCapacity": "TOTAL"}
