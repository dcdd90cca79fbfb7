"""The sentences of docstrings, comments and Markdown files, and their lengths."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from infra.language.docstrings import docstrings
from infra.language.source import Source

_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"(?:^[ \t]*#(?!!).*\n?)+", re.MULTILINE)
# A blank line, a table row, a heading and a list item end a paragraph.
_BREAK = re.compile(r"^[ \t]*(?:$|\||#|[-*] |\d+\. )", re.MULTILINE)
_END = re.compile(r"(?<=[.!?:])\s+(?=[A-Z`*\[(])")
_WORD = re.compile(r"\S*\w\S*")


class SentenceLength(NamedTuple):
    """The number of words of a sentence and its place."""

    words: int
    where: str


def sentence_lengths(source: Source) -> Iterator[SentenceLength]:
    """Return the length of each sentence of prose in a file."""
    for line, text in _prose(source):
        start = 0
        for end in [found.start() for found in _BREAK.finditer(text)] + [len(text)]:
            paragraph = text[start:end].lstrip()
            if not paragraph.startswith(("|", "#")):
                where = source.at(line + text.count("\n", 0, end - len(paragraph)))
                for sentence in _END.split(paragraph):
                    words = len(_WORD.findall(sentence))
                    if words > 1:
                        yield SentenceLength(words, where)
            start = end


def _prose(source: Source) -> Iterator[tuple[int, str]]:
    if source.path.endswith(".md"):
        yield 1, _FENCED.sub(lambda fenced: "\n" * fenced[0].count("\n"), source.text)
    elif source.is_python:
        for _, line, text in docstrings(source):
            yield line, text
        for block in _COMMENT.finditer(source.text):
            text = "\n".join(part.lstrip("# ") for part in block[0].splitlines())
            yield source.text.count("\n", 0, block.start()) + 1, text
