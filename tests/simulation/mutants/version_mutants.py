"""Mutants whose writes leave a compared version unchanged."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.storage.items import Item
from infra.in_memory_dynamodb.condition_expressions import Node, parse_condition
from infra.simulation.faults import TRANSACT_WRITE, Request
from tests.simulation.engine.operation_run import OperationRun
from tests.simulation.mutants.condition_mutants import Span, conditions, kind_of

# Compared to recognize an account or a suspension. They are no versions, because other writes do not change them.
_CONSTANTS = frozenset({("member", "member_since"), ("member", "suspension")})


@dataclass(frozen=True, slots=True)
class VersionMutant:
    """A kind of item and the attribute that is its version.

    `comment` is the comment of the condition that compares it, `at` the places of all such conditions.
    """

    kind: str
    attribute: str
    comment: str
    at: frozenset[Span]

    @property
    def name(self) -> str:
        """A unique name."""
        return f"{self.kind}.{self.attribute}"

    def leave_unchanged(self, _act: OperationRun, operation: str, request: Request) -> Request:
        """Return the request with the version that its condition expects, in every such write."""
        if operation != TRANSACT_WRITE:
            return request
        return {**request, "TransactItems": [self._with_old_version(entry) for entry in request["TransactItems"]]}

    def _with_old_version(self, entry: Mapping[str, Any]) -> Mapping[str, Any]:
        match entry:
            case {"Put": {"Item": item, "ConditionExpression": condition} as put} if item["k"]["S"] == self.kind:
                column = _column(self.kind, self.attribute)
                for name, value in _equations(parse_condition(condition)):
                    if put["ExpressionAttributeNames"][name] == column:
                        return {"Put": {**put, "Item": {**item, column: put["ExpressionAttributeValues"][value]}}}
        return entry


def version_mutants() -> Iterator[VersionMutant]:
    """Yield a mutant for each attribute that a condition compares."""
    compared = dict.fromkeys(condition.compared for condition in conditions() if condition.compared)
    for kind, attribute in (version for version in compared if version not in _CONSTANTS):
        comparing = [condition for condition in conditions() if condition.compared == (kind, attribute)]
        yield VersionMutant(kind, attribute, comparing[0].comment, frozenset(condition.at for condition in comparing))


def _column(kind: str, attribute: str) -> str:
    """Return the name of an attribute in the table."""
    (model,) = (model for model in Item.__subclasses__() if kind_of(model) == kind)
    return str(model.get_attributes()[attribute].attr_name)


def _equations(node: Node) -> Iterator[tuple[str, str]]:
    """Yield the name and value placeholders of all equations."""
    match node:
        case ("=", str(name), str(value)):
            yield name, value
        case ("AND", one, other):
            yield from _equations(one)
            yield from _equations(other)
