"""Condition expressions, in the subset that the storage layer sends.

Names and values are placeholders, as PynamoDB writes them. An unknown form raises ValueError: a condition that is
evaluated wrongly would make the table differ from DynamoDB.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from operator import ge, gt, le, lt
from typing import Any

from infra.in_memory_dynamodb.item_size import Item

Values = Mapping[str, Mapping[str, Any]]
# A node is an operator and its operands. An operand is another node or a placeholder.
Node = tuple[Any, ...]

_TOKEN = re.compile(r"\s*(?P<token>#\w+|:\w+|\w+|<=|>=|<>|[=<>(),])")
_FUNCTIONS = {"attribute_exists": 1, "attribute_not_exists": 1, "begins_with": 2}
_ORDER_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}


@dataclass(frozen=True, slots=True)
class Placeholders:
    """The names and values of a request's placeholders."""

    names: Mapping[str, str]
    values: Values

    def operand(self, placeholder: str, item: Item) -> Mapping[str, Any] | None:
        """Return the value of a placeholder, or None if the item has no such attribute."""
        if placeholder[0] == ":":
            return self.values[placeholder]
        return item.get(self.names[placeholder])


def placeholders_of(request: Mapping[str, Any]) -> Placeholders:
    """Return the placeholders of a request or of one action of a transaction."""
    return Placeholders(request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {}))


def is_met(expression: str, item: Item, placeholders: Placeholders) -> bool:
    """Return True if an item meets a condition. A missing item is empty.

    Raises ValueError for an unknown form of condition.
    """
    return _is_met(parse_condition(expression), item, placeholders)


@lru_cache(maxsize=1024)
def parse_condition(expression: str) -> Node:
    """Return the condition as a tree. Raises ValueError unless all of it is understood."""
    parser = _Parser(expression)
    node = parser.disjunction()
    if parser.next is not None:
        raise parser.syntax_error
    return node


def _is_met(node: Node, item: Item, placeholders: Placeholders) -> bool:
    match node:
        case ("AND", one, other):
            return _is_met(one, item, placeholders) and _is_met(other, item, placeholders)
        case ("OR", one, other):
            return _is_met(one, item, placeholders) or _is_met(other, item, placeholders)
        case ("NOT", one):
            return not _is_met(one, item, placeholders)
        case ("attribute_exists", one):
            return placeholders.operand(one, item) is not None
        case ("attribute_not_exists", one):
            return placeholders.operand(one, item) is None
    operator, *names = node
    operands = [placeholders.operand(name, item) for name in names]
    if None in operands:
        # A missing attribute is unequal to every value and has no order.
        return operator == "<>"
    return _compares(operator, *(_comparable(operand) for operand in operands if operand))


def _compares(operator: str, one: tuple[str, Any], *others: tuple[str, Any]) -> bool:
    match operator:
        case "=":
            return one == others[0]
        case "<>":
            return one != others[0]
        case "IN":
            return one in others
        case "begins_with":
            return one[0] == others[0][0] == "S" and one[1].startswith(others[0][1])
        case "BETWEEN":
            return _in_order(">=", one, others[0]) and _in_order("<=", one, others[1])
    return _in_order(operator, one, others[0])


def _in_order(operator: str, one: tuple[str, Any], other: tuple[str, Any]) -> bool:
    return one[0] == other[0] and one[0] in ("S", "N") and _ORDER_OPERATORS[operator](one[1], other[1])


def _comparable(value: Mapping[str, Any]) -> tuple[str, Any]:
    ((kind, held),) = value.items()
    match kind:
        case "S" | "BOOL" | "NULL":
            return kind, held
        case "N":
            return kind, Decimal(held)
        case "SS":
            return kind, frozenset(held)
        case "NS":
            return kind, frozenset(map(Decimal, held))
        case "L":
            return kind, tuple(map(_comparable, held))
        case "M":
            return kind, frozenset((name, _comparable(entry)) for name, entry in held.items())
    raise ValueError(f"values of type {kind} cannot be compared")


class _Parser:
    """A parser that reads a condition from left to right.

    OR binds least, then AND, then NOT.
    """

    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._at = 0
        self.next = self._read()

    @property
    def syntax_error(self) -> ValueError:
        return ValueError(f"unknown condition: {self._expression!r} from {self.next!r} on")

    def disjunction(self) -> Node:
        node = self._conjunction()
        while self._skip("OR"):
            node = ("OR", node, self._conjunction())
        return node

    def _conjunction(self) -> Node:
        node = self._condition()
        while self._skip("AND"):
            node = ("AND", node, self._condition())
        return node

    def _condition(self) -> Node:
        if self._skip("NOT"):
            return ("NOT", self._condition())
        if self._skip("("):
            node = self.disjunction()
            self._expect(")")
            return node
        if self.next in _FUNCTIONS:
            return self._function()
        return self._comparison(self._operand())

    def _function(self) -> Node:
        name = self._take()
        self._expect("(")
        operands = self._operands()
        if len(operands) != _FUNCTIONS[name]:
            raise self.syntax_error
        return (name, *operands)

    def _comparison(self, one: str) -> Node:
        operator = self._take()
        if operator in (*_ORDER_OPERATORS, "=", "<>"):
            return (operator, one, self._operand())
        if operator == "BETWEEN":
            low = self._operand()
            self._expect("AND")
            return (operator, one, low, self._operand())
        if operator == "IN":
            self._expect("(")
            return (operator, one, *self._operands())
        raise self.syntax_error

    def _operands(self) -> list[str]:
        found = [self._operand()]
        while self._skip(","):
            found.append(self._operand())
        self._expect(")")
        return found

    def _operand(self) -> str:
        operand = self._take()
        if operand[0] not in "#:":
            raise self.syntax_error
        return operand

    def _expect(self, token: str) -> None:
        if not self._skip(token):
            raise self.syntax_error

    def _skip(self, token: str) -> bool:
        if self.next != token:
            return False
        self._take()
        return True

    def _take(self) -> str:
        token = self.next
        if token is None:
            raise self.syntax_error
        self.next = self._read()
        return token

    def _read(self) -> str | None:
        found = _TOKEN.match(self._expression, self._at)
        if found is None:
            if self._expression[self._at :].strip():
                raise ValueError(f"unknown condition: {self._expression!r}")
            return None
        self._at = found.end()
        return found["token"]
