"""The size of an item by DynamoDB's published rules.

A name counts its UTF-8 bytes. A string counts its UTF-8 bytes. A number counts one byte, one more for every two
significant digits, and one for a sign. A boolean or null counts one byte. A set counts its elements. A list or map
counts three bytes, and one for each element in addition to the elements.
"""

from base64 import b64decode
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

# An item, or one of its map values, in the wire format: {"PK": {"S": "..."}}.
Item = Mapping[str, Mapping[str, Any]]

_CONTAINER = 3


def item_size(item: Item) -> int:
    """Return the bytes of an item. An empty item stands for a missing item and has 0 bytes."""
    return sum(len(name.encode()) + value_size(value) for name, value in item.items())


def value_size(typed_value: Mapping[str, Any]) -> int:
    """Return the bytes of one typed value."""
    ((kind, value),) = typed_value.items()
    match kind:
        case "S":
            return len(value.encode())
        case "N":
            return _number_size(value)
        case "B":
            return len(b64decode(value) if isinstance(value, str) else value)
        case "BOOL" | "NULL":
            return 1
        case "SS" | "NS" | "BS":
            return sum(value_size({kind[0]: element}) for element in value)
        case "L":
            return _CONTAINER + sum(1 + value_size(element) for element in value)
        case "M":
            return _CONTAINER + len(value) + item_size(value)
    raise ValueError(f"unknown type of value: {kind}")


@lru_cache(maxsize=65_536)
def _number_size(text: str) -> int:
    sign, digits, _ = Decimal(text).normalize().as_tuple()
    return (len(digits) + 1) // 2 + 1 + sign
