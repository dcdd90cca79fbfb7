"""Names and titles, stored as they were written (ADR 25).

A text is changed in three ways: it is composed (NFC), white space at its ends is removed, and a line break or a tab
becomes a space. Refused are characters that no text contains, and direction controls that would reorder the text around
it. Everything else stays: the joiners of every script, emoji sequences, paired direction controls and double spaces.
"""

import re
import unicodedata
from typing import Annotated

from msgspec import Meta

from chalicelib.domain.model import input_texts
from chalicelib.domain.model.errors import InvalidRequest
from chalicelib.domain.model.member import is_email_like
from chalicelib.domain.model.report import LONGEST_TEXT
from chalicelib.domain.model.suspension import LONGEST_REASON
from chalicelib.handlers.http.inputs.field_parsers import PARSER, FieldParser

LONGEST_NAME = 80
LONGEST_TITLE = 200

# The most characters that Unicode composes to one.
_MOST_DECOMPOSED = 4
_ZERO_WIDTH_JOINER = "\u200d"
_BREAK = re.compile("\r\n|[\t\n\v\f\r\x85\u2028\u2029]")
# Each control of direction that opens a span of text, with the one that closes it (UAX 9).
_CLOSING = {**dict.fromkeys("\u202a\u202b\u202d\u202e", "\u202c"), **dict.fromkeys("\u2066\u2067\u2068", "\u2069")}
_DIRECTION = frozenset(_CLOSING) | frozenset(_CLOSING.values())
# Format characters (Cf) that are visible: Unicode's property Prepended_Concatenation_Mark.
_VISIBLE_FORMAT = re.compile("[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd]")
# The characters of Unicode's property Default_Ignorable_Code_Point that have another category than Cf.
_IGNORABLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
_BRAILLE_BLANK = "\u2800"


def shown(text: str, field: str) -> str:
    """Return the stored form of a name. Raises InvalidRequest with the field if it is invalid or blank."""
    return _visible(text, field, LONGEST_NAME)


def title(text: str, field: str) -> str:
    """Return the stored form of a title, empty without a visible character. Raises InvalidRequest with the field."""
    return _line(text, field, LONGEST_TITLE)


def report_text(text: str, field: str) -> str:
    """Return the stored form of the text of a report, which may be empty. Raises InvalidRequest with the field."""
    return _line(text, field, LONGEST_TEXT)


def suspension_reason(text: str, field: str) -> str:
    """Return the stored form of a suspension's reason. Raises InvalidRequest with the field."""
    return _visible(text, field, LONGEST_REASON)


def name_from_issuer(text: str) -> str:
    """Return the issuer's name of a member in a valid form, without the characters that `shown` refuses.

    It is empty if no visible character is left, and for an e-mail address, which other members must not see (R31).
    """
    made = _valid("".join(character for character in text if not _is_no_text(character)))
    # A part of an address is no name either.
    if is_email_like(made):
        return ""
    made = _valid(made[: _end_of_cluster(made, LONGEST_NAME)])
    return made if any(map(_is_visible, made)) else ""


def initial(name: str) -> str:
    """Return the first visible character of a name in upper case, with the marks that follow it."""
    start = next((at for at, character in enumerate(name) if _is_visible(character)), 0)
    end = next((at for at in range(start + 1, len(name)) if not unicodedata.category(name[at]).startswith("M")), None)
    return name[start:end].upper()


def _visible(text: str, field: str, longest: int) -> str:
    """Return the stored form of a text that is not blank. Raises InvalidRequest with the field."""
    line = _line(text, field, longest)
    if not line:
        raise InvalidRequest(input_texts.INVISIBLE if text else input_texts.EMPTY, field=field)
    return line


def _line(text: str, field: str, longest: int) -> str:
    """Return the stored form of a text in one line. Raises InvalidRequest with the field."""
    # To compose a text takes quadratic time in its marks, so the length is bounded before too.
    if len(text.strip()) > longest * _MOST_DECOMPOSED:
        raise InvalidRequest(input_texts.too_long(longest), field=field)
    if any(_is_no_text(character) for character in text):
        raise InvalidRequest(input_texts.UNPRINTABLE, field=field)
    if _unpaired(text):
        raise InvalidRequest(input_texts.UNPAIRED_DIRECTION, field=field)
    made = _in_one_line(text)
    if len(made) > longest:
        raise InvalidRequest(input_texts.too_long(longest), field=field)
    return made if any(map(_is_visible, made)) else ""


# The lengths are only described here: a text is composed before its length is judged.
Name = Annotated[
    str,
    Meta(
        extra_json_schema={"minLength": 1, "maxLength": LONGEST_NAME},
        extra={PARSER: FieldParser(shown)},
    ),
]
Title = Annotated[
    str,
    Meta(extra_json_schema={"maxLength": LONGEST_TITLE}, extra={PARSER: FieldParser(title)}),
]
ReportText = Annotated[
    str,
    Meta(extra_json_schema={"maxLength": LONGEST_TEXT}, extra={PARSER: FieldParser(report_text)}),
]
SuspensionReason = Annotated[
    str,
    Meta(
        extra_json_schema={"minLength": 1, "maxLength": LONGEST_REASON},
        extra={PARSER: FieldParser(suspension_reason)},
    ),
]


def _in_one_line(text: str) -> str:
    return unicodedata.normalize("NFC", _BREAK.sub(" ", text)).strip()


def _valid(text: str) -> str:
    """Return a text of one line without its unpaired direction controls."""
    unpaired = _unpaired(text)
    return _in_one_line("".join(character for at, character in enumerate(text) if at not in unpaired))


def _end_of_cluster(text: str, longest: int) -> int:
    """Return the last position up to `longest` that separates no mark, joiner or emoji modifier from its base."""
    for end in range(min(longest, len(text)), 0, -1):
        if end == len(text) or not (_extends(text[end]) or text[end - 1] == _ZERO_WIDTH_JOINER):
            return end
    return longest


def _extends(character: str) -> bool:
    """Match marks, joiners, tags and the modifiers of skin color, which belong to the character before them."""
    is_modifier = "\N{EMOJI MODIFIER FITZPATRICK TYPE-1-2}" <= character <= "\N{EMOJI MODIFIER FITZPATRICK TYPE-6}"
    return is_modifier or unicodedata.category(character)[0] == "M" or unicodedata.category(character) == "Cf"


def _is_no_text(character: str) -> bool:
    """Match control characters, surrogates and Unicode's noncharacters, but not line breaks and tabs."""
    code = ord(character)
    # The last two code points of each plane, and one block, are noncharacters.
    if code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF:
        return True
    return unicodedata.category(character) in ("Cc", "Cs") and not _BREAK.match(character)


def _unpaired(text: str) -> frozenset[int]:
    """Return the positions of direction controls that no other one closes or opens."""
    opened: list[int] = []
    closing: list[int] = []
    for at, character in enumerate(text):
        if character in _CLOSING:
            opened.append(at)
        elif character in _DIRECTION:
            if opened and _CLOSING[text[opened[-1]]] == character:
                opened.pop()
            else:
                closing.append(at)
    return frozenset(opened + closing)


def _is_visible(character: str) -> bool:
    """Match all characters except white space, ignorable ones, invisible format characters and the braille blank."""
    if character.isspace() or character == _BRAILLE_BLANK or _IGNORABLE.match(character):
        return False
    return unicodedata.category(character) != "Cf" or _VISIBLE_FORMAT.match(character) is not None
