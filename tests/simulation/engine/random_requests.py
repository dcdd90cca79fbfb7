"""Random requests in the forms that PynamoDB sends for the storage layer."""

from collections.abc import Callable
from random import Random
from typing import Any

TABLE = "simulated"
KINDS = ("day", "waiting", "pair", "job")
PARTITIONS = ("MEMBER#a", "MEMBER#b", "POOL#1")
SORT_KEYS = tuple(f"{prefix}#{number}" for prefix in ("DAY", "REL", "ZÜ") for number in range(5))
# These numbers have another order when they are sorted as strings.
NUMBERS = ("0", "1", "2", "9", "10", "11")

Request = tuple[str, dict[str, Any]]


def draw_request(rng: Random) -> Request:
    """Return a random request. About half of them write."""
    draw: Callable[[Random], Request] = rng.choices([_transaction, _put, _get, _batch, _query], [4, 1, 2, 1, 2])[0]
    return draw(rng)


def _put(rng: Random) -> Request:
    names: dict[str, str] = {}
    values: dict[str, Any] = {}
    body: dict[str, Any] = {**_common(), "Item": _item(rng)}
    _add_condition(rng, body, names, values)
    body.pop("ReturnValuesOnConditionCheckFailure", None)
    placeholders = {"ExpressionAttributeNames": names, "ExpressionAttributeValues": values}
    return "PutItem", body | {name: used for name, used in placeholders.items() if used}


def _get(rng: Random) -> Request:
    return "GetItem", {**_common(), "Key": _key(rng), "ConsistentRead": rng.random() < 0.5}


def _batch(rng: Random) -> Request:
    keys = [_key(rng) for _ in range(rng.choice([0, 1, 3, 8]))]
    if rng.random() < 0.8:
        keys = [key for number, key in enumerate(keys) if key not in keys[:number]]
    asked = {"Keys": keys, "ConsistentRead": rng.random() < 0.5}
    return "BatchGetItem", {"RequestItems": {TABLE: asked}, "ReturnConsumedCapacity": "TOTAL"}


def _query(rng: Random) -> Request:
    pk = rng.choice(PARTITIONS)
    names, values = {"#0": "PK", "#1": "SK", "#2": "k"}, {":0": {"S": pk}}
    condition = rng.choice(["#0 = :0", "(#0 = :0 AND begins_with (#1, :1))", "(#0 = :0 AND #1 BETWEEN :1 AND :2)"])
    if ":1" in condition:
        values[":1"] = {"S": rng.choice(["DAY#", "REL", "ZÜ#1", *SORT_KEYS])}
    if ":2" in condition:
        values[":2"] = {"S": max(values[":1"]["S"], rng.choice(SORT_KEYS))}
    wanted = rng.sample(KINDS, 3)
    values |= {f":{number + 3}": {"S": kind} for number, kind in enumerate(wanted)}
    request = {
        **_common(),
        "KeyConditionExpression": condition,
        "FilterExpression": "#2 IN (:3, :4, :5)",
        "ExpressionAttributeNames": {name: used for name, used in names.items() if name != "#1" or name in condition},
        "ExpressionAttributeValues": values,
        "ScanIndexForward": rng.random() < 0.5,
        "ConsistentRead": rng.random() < 0.5,
    }
    if rng.random() < 0.6:
        request["Limit"] = rng.randrange(1, 6)
    if rng.random() < 0.3:
        request["ExclusiveStartKey"] = {"PK": {"S": pk}, "SK": {"S": rng.choice(SORT_KEYS)}}
    return "Query", request


def _transaction(rng: Random) -> Request:
    actions = [_action(rng) for _ in range(rng.choice([1, 1, 2, 3, 5]))]
    request = {"TransactItems": actions, "ReturnConsumedCapacity": "TOTAL"}
    if rng.random() < 0.7:
        request["ClientRequestToken"] = f"{rng.getrandbits(64):016x}"
    return "TransactWriteItems", request


def _action(rng: Random) -> dict[str, Any]:
    kind = rng.choice(["Put", "Put", "Update", "Delete", "ConditionCheck"])
    names: dict[str, str] = {}
    values: dict[str, Any] = {}
    body: dict[str, Any] = {"TableName": TABLE}
    if kind == "Put":
        body["Item"] = _item(rng)
    else:
        body["Key"] = _key(rng)
    if kind == "Update":
        body["UpdateExpression"] = "SET #8 = :8, #7 = :7 ADD #9 :9"
        names |= {"#8": "k", "#9": "n", "#7": "v"}
        values |= {":8": {"S": rng.choice(KINDS)}, ":9": {"N": "1"}, ":7": {"N": "1"}}
    if kind == "ConditionCheck" or rng.random() < 0.6:
        _add_condition(rng, body, names, values)
    if names:
        body["ExpressionAttributeNames"] = names
    if values:
        body["ExpressionAttributeValues"] = values
    return {kind: body}


def _add_condition(rng: Random, body: dict[str, Any], names: dict[str, str], values: dict[str, Any]) -> None:
    operator = rng.choice(["=", "=", "<>", "<", "<=", ">", ">="])
    expression = rng.choice(
        [
            "attribute_not_exists (#0)",
            "attribute_exists (#1)",
            f"#1 {operator} :1",
            f"(attribute_not_exists (#0) OR #1 {operator} :1)",
            f"(attribute_exists (#0) AND #1 {operator} :1)",
            "(NOT attribute_exists (#1))",
        ]
    )
    names |= {name: used for name, used in {"#0": "PK", "#1": rng.choice("nvt")}.items() if name in expression}
    if ":1" in expression:
        values[":1"] = rng.choice([{"N": rng.choice(NUMBERS)}, {"N": "1.0"}, {"S": "1"}])
    body["ConditionExpression"] = expression
    if rng.random() < 0.5:
        body["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"


def _item(rng: Random) -> dict[str, Any]:
    item = {**_key(rng), "k": {"S": rng.choice(KINDS)}, "v": {"N": "1"}}
    if rng.random() < 0.7:
        item["n"] = {"N": rng.choice(NUMBERS)}
    if rng.random() < 0.3:
        item["d"] = {"SS": sorted(rng.sample(["x", "y", "z"], 2))}
    if rng.random() < 0.3:
        item["b"] = {"L": [{"M": {"i": {"S": "token"}, "f": {"BOOL": True}}}]}
    if rng.random() < 0.2:
        # Below 4 KB: the engine charges one unit for a read of any size.
        item["h"] = {"S": "long " * rng.choice([150, 300, 700])}
    return item


def _key(rng: Random) -> dict[str, Any]:
    return {"PK": {"S": rng.choice(PARTITIONS)}, "SK": {"S": rng.choice(SORT_KEYS)}}


def _common() -> dict[str, Any]:
    return {"TableName": TABLE, "ReturnConsumedCapacity": "TOTAL"}
