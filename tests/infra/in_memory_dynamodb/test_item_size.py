"""Item sizes and updates by the published rules, compared with results computed by hand."""

from typing import Any

import pytest

from infra.in_memory_dynamodb.item_size import Item, item_size, value_size
from infra.in_memory_dynamodb.update_expressions import updated


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": ""}, 0),
        ({"S": "abc"}, 3),
        ({"S": "ü€"}, 5),
        ({"N": "0"}, 2),
        ({"N": "7"}, 2),
        ({"N": "12"}, 2),
        ({"N": "123"}, 3),
        ({"N": "1200"}, 2),
        ({"N": "-1.5"}, 3),
        ({"B": "YWJj"}, 3),
        ({"B": b"abc"}, 3),
        ({"BOOL": True}, 1),
        ({"NULL": True}, 1),
        ({"SS": ["ab", "cde"]}, 5),
        ({"NS": ["1", "123"]}, 5),
        ({"L": []}, 3),
        ({"L": [{"S": "ab"}, {"S": "c"}]}, 3 + 1 + 2 + 1 + 1),
        ({"M": {}}, 3),
        ({"M": {"ab": {"S": "cde"}}}, 3 + 1 + 2 + 3),
    ],
)
def test_a_value_has_the_published_size(value: dict[str, Any], size: int) -> None:
    assert value_size(value) == size


def test_an_item_size_includes_attribute_names() -> None:
    assert item_size({"PK": {"S": "MEMBER#a"}, "SK": {"S": "PROFILE"}, "n": {"N": "1"}}) == (2 + 8) + (2 + 7) + (1 + 2)


def test_a_missing_item_has_no_size() -> None:
    assert item_size({}) == 0


def test_an_update_sets_removes_and_adds() -> None:
    old: Item = {"PK": {"S": "p"}, "SK": {"S": "s"}, "a": {"S": "old"}, "b": {"BOOL": True}, "n": {"N": "2"}}
    request = {
        "Key": {"PK": {"S": "p"}, "SK": {"S": "s"}},
        "UpdateExpression": "SET #0 = :0, #1 = :1 REMOVE #2 ADD #3 :2",
        "ExpressionAttributeNames": {"#0": "a", "#1": "c", "#2": "b", "#3": "n"},
        "ExpressionAttributeValues": {":0": {"S": "new"}, ":1": {"S": "more"}, ":2": {"N": "1"}},
    }
    assert updated(old, request) == {
        "PK": {"S": "p"},
        "SK": {"S": "s"},
        "a": {"S": "new"},
        "c": {"S": "more"},
        "n": {"N": "3"},
    }


def test_an_unknown_form_of_update_is_rejected() -> None:
    request = {
        "Key": {"PK": {"S": "p"}, "SK": {"S": "s"}},
        "UpdateExpression": "SET a = if_not_exists(b, :0)",
        "ExpressionAttributeValues": {":0": {"N": "1"}},
    }
    with pytest.raises(ValueError, match="unknown form of update"):
        updated({}, request)
