"""The search for banned words."""

import re
from collections.abc import Mapping
from string import ascii_lowercase, ascii_uppercase
from typing import NamedTuple

# Between two words of a phrase: white space, an underscore, the start of a comment line, or a broken string literal.
_GAP = r"""[\s_#/*>"']+"""
_ELLIPSIS = r"[^.;:]{1,120}?"
_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
_WORD = re.compile(r"[A-Za-z]+")


class Occurrence(NamedTuple):
    """The line, the phrase of the word list, the text and the hint of a banned phrase in a text."""

    line: int
    phrase: str
    found: str
    hint: str


class Vocabulary:
    """Banned phrases, each with the words to use instead."""

    def __init__(self, banned: Mapping[str, str]) -> None:
        # One expression for each phrase: it begins with a literal, which `re` finds much faster than an alternation.
        self._banned = [(phrase, hint, re.compile(_expression(phrase))) for phrase, hint in banned.items()]

    def occurrences(self, text: str) -> list[Occurrence]:
        """Return each banned phrase in the text, also as words of an identifier, ordered by line."""
        lower = text.translate(_LOWER)
        return sorted(
            Occurrence(text.count("\n", 0, match.start()) + 1, phrase, " ".join(re.split(_GAP, match[0])), hint)
            for phrase, hint, expression in self._banned
            for match in expression.finditer(lower)
            if _is_border(text, match.start()) and _is_border(text, match.end())
        )


def word_count(text: str) -> int:
    """Return the number of runs of letters in the text, code and prose alike."""
    return len(_WORD.findall(text))


def _expression(phrase: str) -> str:
    return phrase.replace(" ... ", _ELLIPSIS).replace(" ", _GAP)


def _is_border(text: str, position: int) -> bool:
    """Return true where a word begins or ends, also inside of `camelCase`."""
    before, after = text[max(position - 1, 0) : position], text[position : position + 1]
    return not (before.isalpha() and after.isalpha()) or (before.islower() and after.isupper())
