"""Every condition that a transaction may carry, found in the code that sends it; and that code with one of them gone.

Nothing here knows which conditions there are: one that is added tomorrow is found tomorrow.
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

# Methods of an attribute that change it; whatever else is asked of one is a condition.
_CHANGING = frozenset({"set", "remove", "add", "delete", "append", "prepend"})
_MARK = "_is_asked_for"
_SOURCE = inspect.getsource(transactions)

Span = tuple[int, int, int | None, int | None]
ExpressionRewriter = Callable[[ast.expr], ast.expr]


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition, or an increment on which those of others rest, and what is taken away of it.

    `expression` is the expression as the source has it, `comment` the comment next to it. `compared` is the kind of item and
    the attribute of which it demands that nobody has written it since, if it demands that.
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
        """What tells it from all others."""
        return f"{self.function}: {self.removed}"

    @contextmanager
    def removed_from_code(self) -> Iterator[None]:
        """Let transactions be sent without it, and with all others."""
        with _recompiled({self.cut: self.replacement}):
            yield


@contextmanager
def observed_conditions(on_condition: Callable[[Span], None]) -> Iterator[None]:
    """Tell `on_condition` of each condition, by its place in the source, whenever a transaction is made that carries it."""
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
    """All conditions and increments, in the order of the source; each part of a composed one for itself as well."""
    return tuple(condition_of for function in _functions() for condition_of in _conditions_in(function))


def increments() -> frozenset[Span]:
    """The places of what is no condition, but on which those of others rest."""
    return frozenset(condition.at for condition in conditions() if ".add(" in condition.expression)


def _conditions_in(function: ast.FunctionDef) -> Iterator[Condition]:
    parents = {child: parent for parent in ast.walk(function) for child in ast.iter_child_nodes(parent)}
    wholes = dict.fromkeys(_whole(node, parents) for node in ast.walk(function) if _model(node))
    for expression in sorted(wholes, key=_span):
        if isinstance(expression, ast.Attribute) or _changes(expression, _CHANGING - {"add"}):
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

        if _changes(expression, {"add"}):
            yield condition_of(ast.unparse(expression), expression, _adding_nothing)
            continue
        yield condition_of(ast.unparse(expression), expression, _always)
        for composed in (node for node in ast.walk(expression) if isinstance(node, ast.BinOp)):
            for part, other in ((composed.left, composed.right), (composed.right, composed.left)):
                yield condition_of(
                    f"of `{ast.unparse(composed)}` the part `{ast.unparse(part)}`", composed, _only(other)
                )


def _functions() -> Iterator[ast.FunctionDef]:
    body = ast.parse(_SOURCE).body
    outside = [node for statement in body for node in ast.walk(statement) if not isinstance(statement, ast.FunctionDef)]
    assert not any(map(_model, outside)), "a condition is made outside of all functions, where nobody can take it away"
    return (statement for statement in body if isinstance(statement, ast.FunctionDef))


def _model(node: ast.AST) -> type[Item] | None:
    """The kind of item of which the node names an attribute."""
    if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
        return None
    model = vars(transactions).get(node.value.id)
    named = isinstance(model, type) and issubclass(model, Item) and isinstance(getattr(model, node.attr), Attribute)
    return model if named else None


def _whole(node: ast.AST, parents: Mapping[ast.AST, ast.AST]) -> ast.expr:
    """The whole condition that an attribute is named for."""
    while True:
        match parents[node]:
            case ast.Attribute() | ast.Compare() | ast.UnaryOp() | ast.BinOp(op=ast.BitOr() | ast.BitAnd()) as parent:
                node = parent
            case ast.Call(func=called) as parent if called is node:
                node = parent
            case _:
                assert isinstance(node, ast.expr)
                return node


def _changes(node: ast.expr, methods: frozenset[str] | set[str]) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in methods


def _compared(expression: ast.expr) -> tuple[str, str] | None:
    match expression:
        case ast.Compare(left=ast.Attribute(attr=attribute) as left, ops=[ast.Eq()]):
            model = _model(left)
            return model and (kind_of(model), attribute)
    return None


def kind_of(model: type[Item]) -> str:
    """What the items of a model are called in the table."""
    kind: str = Item.kind.get_discriminator(model)
    return kind


def _comment_above(line: int, function: ast.FunctionDef) -> str:
    """The nearest comment above a line of a function, as one line; empty where there is none."""
    lines = _SOURCE.splitlines()[function.lineno : line - 1]
    while lines and not lines[-1].strip().startswith("#"):
        lines.pop()
    words: list[str] = []
    while lines and lines[-1].strip().startswith("#"):
        words.insert(0, lines.pop().strip().removeprefix("# "))
    return " ".join(words)


def _adding_nothing(added: ast.expr) -> ast.expr:
    assert isinstance(added, ast.Call)
    return ast.Call(added.func, [ast.Constant(0)], [])


def _always(condition: ast.expr) -> ast.expr:
    """A condition that every item meets: a check cannot be sent without any."""
    return ast.parse("Item.pk.exists() | Item.pk.does_not_exist()", mode="eval").body


def _only(part: ast.expr) -> ExpressionRewriter:
    return lambda _: part


def _span(node: ast.expr) -> Span:
    return node.lineno, node.col_offset, node.end_lineno, node.end_col_offset


class _ExpressionReplacer(ast.NodeTransformer):
    """Puts something else in the place of some expressions."""

    def __init__(self, replacement: Mapping[Span, ExpressionRewriter]) -> None:
        self._instead = replacement

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.expr) and (rewriter := self._instead.get(_span(node))):
            return rewriter(node)
        return self.generic_visit(node)


@contextmanager
def _recompiled(replacement: Mapping[Span, ExpressionRewriter]) -> Iterator[None]:
    """Let the functions of the module run on code in which something else stands in the place of some expressions."""
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
    """The codes of the functions of the module, with something else in the place of some expressions."""
    tree = ast.fix_missing_locations(_ExpressionReplacer(dict(replacement)).visit(ast.parse(_SOURCE)))
    codes = compile(tree, str(transactions.__file__), "exec").co_consts
    return tuple(code for code in codes if isinstance(code, CodeType))
