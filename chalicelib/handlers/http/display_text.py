"""Names and titles in a canonical form that is safe to display.

Names appear inside other members' pages. Texts that look equal get one spelling, so that invisible characters can
neither imitate another name nor reorder or break the text around it. Control characters and unpaired surrogates are
refused. Every script is supported: the joiners that shape letters stay inside a word.
"""

import re
import unicodedata

from chalicelib.domain.model.errors import InvalidRequest
from chalicelib.domain.model.member import is_email_like

LONGEST_NAME = 80
LONGEST_TITLE = 200

_JOINERS = "\u200c\u200d"
_REPEATED_JOINERS = re.compile(rf"([{_JOINERS}])[{_JOINERS}]+")
# The scripts whose letters no joiner shapes, as prefixes of Unicode character names.
_SCRIPTS_WITHOUT_JOINERS = (
    "LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "GEORGIAN", "HEBREW", "ETHIOPIC", "THAI", "LAO",
    "CJK", "HIRAGANA", "KATAKANA", "BOPOMOFO", "HANGUL",
)  # fmt: skip
# Blank characters whose Unicode category is letter, mark or symbol.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_SPACES = frozenset("\t\n\v\f\r\x85\u2028\u2029")


def shown(text: str, field: str, *, longest: int = LONGEST_NAME) -> str:
    """Return a name in its canonical form. Raises InvalidRequest with the field if it is no text, too long or blank."""
    name = line(text, field, longest=longest)
    if not name:
        raise InvalidRequest("A name needs at least one visible character.", field=field)
    return name


def line(text: str, field: str, *, longest: int) -> str:
    """Return a text of one line in its canonical form, which may be empty. Raises InvalidRequest with the field."""
    if any(_is_no_text(character) for character in text):
        raise InvalidRequest("Remove control characters and unpaired surrogates.", field=field)
    made = canonical(text)
    if len(made) > longest:
        raise InvalidRequest(f"Use at most {longest} characters.", field=field)
    return made


def name_from_issuer(text: str) -> str:
    """Return the issuer's name of a member in its canonical form and length.

    It is empty if no visible character is left, and for an e-mail address, which other members must not see (R31).
    """
    made = canonical("".join(character for character in text if not _is_no_text(character)))
    return "" if is_email_like(made) else canonical(made[:LONGEST_NAME])


def canonical(text: str) -> str:
    """Return the text in Unicode's composed form (NFC), without invisible characters and with single spaces."""
    visible = "".join(" " if character in _SPACES else character for character in text if not _is_invisible(character))
    words = unicodedata.normalize("NFC", visible).split()
    return unicodedata.normalize("NFC", " ".join(filter(None, map(_self_contained, words))))


def _is_no_text(character: str) -> bool:
    """Match control characters, surrogates and Unicode's noncharacters."""
    code = ord(character)
    # The last two code points of each plane, and one block, are noncharacters.
    if code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF:
        return True
    return unicodedata.category(character) in ("Cc", "Cs") and character not in _SPACES


def _is_invisible(character: str) -> bool:
    """Match bidirectional controls, zero-width characters and fillers, but not the joiners."""
    if character in _JOINERS:
        return False
    return character in _BLANK or unicodedata.category(character) == "Cf"


def _self_contained(word: str) -> str:
    """Remove leading marks, which would combine with the text before the word, and joiners without an effect."""
    first = next((at for at, character in enumerate(word) if not _combines(character)), len(word))
    word = _REPEATED_JOINERS.sub(r"\1", word[first:].rstrip(_JOINERS))
    kept, letter = "", " "
    for character, after in zip(word, f"{word[1:]} ", strict=False):
        # Beside a letter that no joiner shapes, a joiner is invisible.
        if character in _JOINERS and (_is_never_joined(letter) or _is_never_joined(after)):
            continue
        kept += character
        letter = letter if _combines(character) else character
    return kept


def _is_never_joined(character: str) -> bool:
    """Match the letters of scripts in which a joiner changes no letter."""
    return not _combines(character) and unicodedata.name(character, "").startswith(_SCRIPTS_WITHOUT_JOINERS)


def _combines(character: str) -> bool:
    """Match the marks and joiners, which need a character before them."""
    return character in _JOINERS or unicodedata.category(character).startswith("M")
