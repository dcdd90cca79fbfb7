"""The first word of a sentence that must be an imperative."""

import re

from infra.language.word_list import RULES

_NOT_VERBS = frozenset(RULES["verbs"]["never"])
_VERBS = frozenset(RULES["verbs"]["always"])
_INFLECTED = re.compile(r"([^s]s|[^e]ed|ing)$")
_FIRST = re.compile(r"[A-Z][a-z]+(?![\w`'])")


def is_imperative(sentence: str) -> bool:
    """Return true where the first word can be an imperative verb.

    A heuristic: an article, a pronoun, a conjunction and the endings -s, -ed and -ing are refused.
    """
    first = _FIRST.match(sentence)
    word = first[0].lower() if first else ""
    if not word or word in _NOT_VERBS:
        return False
    return word in _VERBS or not _INFLECTED.search(word)
