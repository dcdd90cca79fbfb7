"""What people call themselves, and their things: one spelling for what looks the same, and nothing that does not show.

Names stand in the middle of other people's pages. What could break out of its place, reorder what is around it or pass
for somebody else's by what nobody sees is left out, where leaving it out changes nothing that is seen; what is no text
at all is refused. Every script can be written: the joiners that shape letters stay inside a word.
"""

import re
import unicodedata

from chalicelib.domain.model.errors import InvalidRequest

LONGEST_NAME = 80
LONGEST_TITLE = 200

_JOINERS = "\u200c\u200d"
_JOINED_TWICE = re.compile(rf"([{_JOINERS}])[{_JOINERS}]+")
# How Unicode's names of their letters begin.
_NEVER_JOINING = (
    "LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "GEORGIAN", "HEBREW", "ETHIOPIC", "THAI", "LAO",
    "CJK", "HIRAGANA", "KATAKANA", "BOPOMOFO", "HANGUL",
)  # fmt: skip
# Letters, marks and a symbol by their categories, and all of them blank.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_SPACES = frozenset("\t\n\v\f\r\x85\u2028\u2029")


def shown(text: str, field: str, *, longest: int = LONGEST_NAME) -> str:
    """A name as it is stored and shown. Raises InvalidRequest naming the field: no text, too long, nothing to see."""
    made = line(text, field, longest=longest)
    if not made:
        raise InvalidRequest("A name is made of visible characters.", field=field)
    return made


def line(text: str, field: str, *, longest: int) -> str:
    """The same of what may be empty. Raises InvalidRequest naming the field."""
    if any(_is_no_text(character) for character in text):
        raise InvalidRequest("Control characters and halves of characters are no text.", field=field)
    made = canonical(text)
    if len(made) > longest:
        raise InvalidRequest(f"That is longer than {longest} characters.", field=field)
    return made


def told(text: str) -> str:
    """What somebody else calls a member, as well as it can be stored and shown; empty where nothing is left."""
    made = canonical("".join(character for character in text if not _is_no_text(character)))
    return canonical(made[:LONGEST_NAME])


def canonical(text: str) -> str:
    """The text in Unicode's composed form, without what does not show, its words one space apart."""
    kept = "".join(" " if character in _SPACES else character for character in text if not _is_unseen(character))
    words = unicodedata.normalize("NFC", kept).split()
    return unicodedata.normalize("NFC", " ".join(filter(None, map(_by_itself, words))))


def _is_no_text(character: str) -> bool:
    """Whether it is a control character, half of a surrogate pair, or what Unicode says is no character."""
    code = ord(character)
    if code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF:
        return True
    return unicodedata.category(character) in ("Cc", "Cs") and character not in _SPACES


def _is_unseen(character: str) -> bool:
    """Whether it is not seen, or seen only in what it does to others: bidirectional controls, zero widths, fillers."""
    if character in _JOINERS:
        return False
    return character in _BLANK or unicodedata.category(character) == "Cf"


def _by_itself(word: str) -> str:
    """The word without marks that would stand on what comes before it, and without joiners that join nothing."""
    first = next((at for at, character in enumerate(word) if not _leans(character)), len(word))
    word = _JOINED_TWICE.sub(r"\1", word[first:].rstrip(_JOINERS))
    kept, letter = "", " "
    for character, after in zip(word, f"{word[1:]} ", strict=False):
        if character in _JOINERS and (_never_joins(letter) or _never_joins(after)):
            continue
        kept += character
        letter = letter if _leans(character) else character
    return kept


def _never_joins(character: str) -> bool:
    """Whether it is a letter of a script in which all look the same beside a joiner: there it could only hide."""
    return not _leans(character) and unicodedata.name(character, "").startswith(_NEVER_JOINING)


def _leans(character: str) -> bool:
    """Whether it needs something before it."""
    return character in _JOINERS or unicodedata.category(character).startswith("M")
