"""The rules of a docstring's first line."""

import ast
import re
from collections.abc import Iterator

from infra.language.source import Definition, Finding, Source
from infra.language.verb import is_imperative

QUESTIONS = ("What", "Whether", "Who", "How", "Where", "When")
# Functions that are read as a value or as a statement: their docstring is a noun phrase or a sentence.
_EXEMPT_DECORATORS = {"property", "cached_property", "fixture", "setter"}
_CODE = re.compile(r"`[^`]*`")


def docstrings(source: Source) -> Iterator[tuple[Definition, int, str]]:
    """Return each documented definition of a module, with its docstring and the line where that begins."""
    for node in source.definitions:
        text = ast.get_docstring(node)
        if text:
            yield node, node.body[0].lineno, text


def docstring_findings(source: Source) -> Iterator[Finding]:
    """Return a finding for each first line that breaks a rule."""
    for node, line, text in docstrings(source):
        first = text.splitlines()[0]
        where = source.at(line)
        if set(":;") & set(_CODE.sub("", first)):
            yield Finding(where, "docstring", "no colon or semicolon in the first line: write a second sentence")
        question = first.split(" ", 1)[0]
        if question in QUESTIONS:
            yield Finding(where, "docstring", f'name the thing instead of "{question} ..."')
        elif _is_plain_function(node) and not is_imperative(first):
            yield Finding(where, "docstring", f'begin with an imperative verb, not "{question}"')


def _is_plain_function(node: Definition) -> bool:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("test_"):
        return False
    return not any(_last_name(decorator) in _EXEMPT_DECORATORS for decorator in node.decorator_list)


def _last_name(decorator: ast.expr) -> str:
    if isinstance(decorator, ast.Call):
        return _last_name(decorator.func)
    return decorator.attr if isinstance(decorator, ast.Attribute) else getattr(decorator, "id", "")
