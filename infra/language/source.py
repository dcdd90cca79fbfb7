"""The text files of the repository."""

import ast
import os
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
DATA = "infra/language/words.toml"

SUFFIXES = {".css", ".html", ".js", ".md", ".py", ".toml", ".ts", ".tsx"}
PLAIN_NAMES = {"Makefile", ".ci/run"}
# Folders without text of our own.
SKIPPED = {"__pycache__", "dist", "node_modules"}
KEPT_HIDDEN = {".ci", ".github"}
# The texts of screens speak to members, in the words of the product. The schema is made from the OpenAPI document.
CATALOGS, SCHEMA = "web/src/i18n/", "web/src/api/schema.ts"


Definition = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


class Finding(NamedTuple):
    """A place that breaks a rule, the rule's word and a hint."""

    where: str
    word: str
    hint: str


class Source:
    """A text file, by its path from the root of the repository."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text

    @property
    def is_python(self) -> bool:
        """True for a Python module."""
        return self.path.endswith(".py")

    @property
    def area(self) -> str:
        """The folder by which counts are reported, at most two levels deep."""
        return "/".join(Path(self.path).parts[:-1][:2]) or "."

    @cached_property
    def definitions(self) -> list[Definition]:
        """The module, its classes and its functions, at any depth."""
        return list(_definitions(ast.parse(self.text)))

    def at(self, line: int) -> str:
        """Return the place of a line as `path:line`."""
        return f"{self.path}:{line}"


def sources(paths: Iterable[str | Path] = (ROOT,)) -> Iterator[Source]:
    """Return each text file at or below the paths, once."""
    for file in sorted({file for path in paths for file in _files(Path(path).resolve())}):
        path = file.relative_to(ROOT).as_posix()
        if path in (DATA, SCHEMA) or path.startswith(CATALOGS):
            continue
        if file.suffix in SUFFIXES or path in PLAIN_NAMES:
            yield Source(path, file.read_text(encoding="utf-8"))


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    elif not path.is_dir():
        raise FileNotFoundError(path)
    for folder, folders, names in os.walk(path):
        folders[:] = [name for name in folders if name in KEPT_HIDDEN or not (name in SKIPPED or name.startswith("."))]
        yield from (Path(folder) / name for name in names)


def _definitions(node: ast.AST) -> Iterator[Definition]:
    if isinstance(node, Definition):
        yield node
    for child in ast.iter_child_nodes(node):
        # Expressions hold no definitions.
        if isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield from _definitions(child)
