"""Mutants with one condition of a transaction removed.

The conditions are found in the source of the transactions, so new ones are included without a list.
"""

import ast
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from types import CodeType, FunctionType
from typing import Any

from pynamodb.attributes import Attribute

# The only module that makes transactions.
from chalicelib.storage import transactions
from chalicelib.storage.items import Item

# Methods of an attribute that change it. Every other use of an attribute is a condition.
_CHANGE_METHODS = frozenset({"set", "remove", "add", "delete", "append", "prepend"})
_MARK = "_is_observed"
_SOURCE = inspect.getsource(transactions)

Span = tuple[int, int, int | None, int | None]
ExpressionRewriter = Callable[[ast.expr], ast.expr]


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition, or an increment that conditions of other transactions compare.

    `expression` is the whole condition in the source, `comment` the comment beside it and `removed` the removed part.
    `compared` is the kind of item and the attribute if the condition compares a version.
    """

    function: str
    line: int
    expression: str
    comment: str
    removed: str
    compared: tuple[str, str] | None
    at: Span
    cut: Span
    replacement: ExpressionRewriter

    @property
    def name(self) -> str:
        """A unique name."""
        return f"{self.function}: {self.removed}"

    @contextmanager
    def removed_from_code(self) -> Iterator[None]:
        """Run transactions without the condition within the context."""
        with _recompiled({self.cut: self.replacement}):
            yield


@contextmanager
def observed_conditions(on_condition: Callable[[Span], None]) -> Iterator[None]:
    """Call `on_condition` with the place of each condition whenever a transaction with it is made."""
    places = list(dict.fromkeys(condition.at for condition in conditions()))
    setattr(transactions, _MARK, lambda number, sent: (on_condition(places[number]), sent)[1])

    def marker(number: int) -> ExpressionRewriter:
        return lambda sent: ast.Call(ast.Name(_MARK, ast.Load()), [ast.Constant(number), sent], [])

    try:
        with _recompiled({place: marker(number) for number, place in enumerate(places)}):
            yield
    finally:
        delattr(transactions, _MARK)


@cache
def conditions() -> tuple[Condition, ...]:
    """Return all conditions and increments in the order of the source.

    A composed condition is followed by each of its parts.
    """
    return tuple(condition for function in _functions() for condition in _conditions_in(function))


def increments() -> frozenset[Span]:
    """Return the places of increments."""
    return frozenset(condition.at for condition in conditions() if ".add(" in condition.expression)


def _conditions_in(function: ast.FunctionDef) -> Iterator[Condition]:
    parents = {child: parent for parent in ast.walk(function) for child in ast.iter_child_nodes(parent)}
    expressions = dict.fromkeys(_enclosing_condition(node, parents) for node in ast.walk(function) if _model(node))
    for expression in sorted(expressions, key=_span):
        if isinstance(expression, ast.Attribute) or _calls_method(expression, _CHANGE_METHODS - {"add"}):
            continue

        def condition_of(
            removed: str, cut: ast.expr, replacement: ExpressionRewriter, expression: ast.expr = expression
        ) -> Condition:
            text, comment = ast.unparse(expression), _comment_above(expression.lineno, function)
            return Condition(
                function.name,
                expression.lineno,
                text,
                comment,
                removed,
                _compared(expression),
                _span(expression),
                _span(cut),
                replacement,
            )

        if _calls_method(expression, {"add"}):
            yield condition_of(ast.unparse(expression), expression, _add_zero)
            continue
        yield condition_of(ast.unparse(expression), expression, _always_met)
        for composed in (node for node in ast.walk(expression) if isinstance(node, ast.BinOp)):
            for part, other in ((composed.left, composed.right), (composed.right, composed.left)):
                yield condition_of(
                    f"of `{ast.unparse(composed)}` the part `{ast.unparse(part)}`", composed, _only(other)
                )


def _functions() -> Iterator[ast.FunctionDef]:
    body = ast.parse(_SOURCE).body
    outside = [node for statement in body for node in ast.walk(statement) if not isinstance(statement, ast.FunctionDef)]
    assert not any(map(_model, outside)), "a condition outside of all functions cannot be removed"
    return (statement for statement in body if isinstance(statement, ast.FunctionDef))


def _model(node: ast.AST) -> type[Item] | None:
    """Return the model whose attribute the node names, or None."""
    if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
        return None
    model = vars(transactions).get(node.value.id)
    named = isinstance(model, type) and issubclass(model, Item) and isinstance(getattr(model, node.attr), Attribute)
    return model if named else None


def _enclosing_condition(node: ast.AST, parents: Mapping[ast.AST, ast.AST]) -> ast.expr:
    """Return the whole condition around an attribute."""
    while True:
        match parents[node]:
            case ast.Attribute() | ast.Compare() | ast.UnaryOp() | ast.BinOp(op=ast.BitOr() | ast.BitAnd()) as parent:
                node = parent
            case ast.Call(func=called) as parent if called is node:
                node = parent
            case _:
                assert isinstance(node, ast.expr)
                return node


def _calls_method(node: ast.expr, methods: frozenset[str] | set[str]) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in methods


def _compared(expression: ast.expr) -> tuple[str, str] | None:
    match expression:
        case ast.Compare(left=ast.Attribute(attr=attribute) as left, ops=[ast.Eq()]):
            model = _model(left)
            return model and (kind_of(model), attribute)
    return None


def kind_of(model: type[Item]) -> str:
    """Return the kind of a model's items in the table."""
    kind: str = Item.kind.get_discriminator(model)
    return kind


def _comment_above(line: int, function: ast.FunctionDef) -> str:
    """Return the nearest comment above a line of a function as one line, or an empty text."""
    lines = _SOURCE.splitlines()[function.lineno : line - 1]
    while lines and not lines[-1].strip().startswith("#"):
        lines.pop()
    words: list[str] = []
    while lines and lines[-1].strip().startswith("#"):
        words.insert(0, lines.pop().strip().removeprefix("# "))
    return " ".join(words)


def _add_zero(added: ast.expr) -> ast.expr:
    assert isinstance(added, ast.Call)
    return ast.Call(added.func, [ast.Constant(0)], [])


def _always_met(condition: ast.expr) -> ast.expr:
    """Return a condition that every item meets, because a check needs a condition."""
    return ast.parse("Item.pk.exists() | Item.pk.does_not_exist()", mode="eval").body


def _only(part: ast.expr) -> ExpressionRewriter:
    return lambda _: part


def _span(node: ast.expr) -> Span:
    return node.lineno, node.col_offset, node.end_lineno, node.end_col_offset


class _ExpressionReplacer(ast.NodeTransformer):
    """A transformer that replaces expressions by their place."""

    def __init__(self, replacement: Mapping[Span, ExpressionRewriter]) -> None:
        self._instead = replacement

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.expr) and (rewriter := self._instead.get(_span(node))):
            return rewriter(node)
        return self.generic_visit(node)


@contextmanager
def _recompiled(replacement: Mapping[Span, ExpressionRewriter]) -> Iterator[None]:
    """Run the module's functions with replaced expressions within the context."""
    before: list[tuple[FunctionType, CodeType]] = []
    for code in _compiled(tuple(replacement.items())):
        function = vars(transactions).get(code.co_name)
        if isinstance(function, FunctionType):
            before.append((function, function.__code__))
            function.__code__ = code
    try:
        yield
    finally:
        for function, code in before:
            function.__code__ = code


@cache
def _compiled(replacement: tuple[tuple[Span, ExpressionRewriter], ...]) -> tuple[CodeType, ...]:
    """Return the code of the module's functions with replaced expressions."""
    tree = ast.fix_missing_locations(_ExpressionReplacer(dict(replacement)).visit(ast.parse(_SOURCE)))
    codes = compile(tree, str(transactions.__file__), "exec").co_consts
    return tuple(code for code in codes if isinstance(code, CodeType))
