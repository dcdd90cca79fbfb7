"""The limits on the length of functions and modules that are deployed."""

import ast
from collections.abc import Iterator

from infra.language.source import Finding, Source

DEPLOYED = "chalicelib/"
FUNCTION_LINES = 45
MODULE_LINES = 350


def length_findings(source: Source) -> Iterator[Finding]:
    """Return a finding for each function and module of `chalicelib` that is longer than its limit."""
    if not source.path.startswith(DEPLOYED):
        return
    lines = source.text.count("\n")
    if lines > MODULE_LINES:
        yield Finding(source.at(1), "module length", f"{lines} lines, at most {MODULE_LINES}")
    for node in source.definitions:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                yield Finding(
                    source.at(node.lineno), "function length", f"{node.name}: {lines} lines, at most {FUNCTION_LINES}"
                )
