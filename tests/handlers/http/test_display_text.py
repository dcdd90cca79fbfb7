"""Tests of the canonical form of names in every script, and of refused names."""

import unicodedata

import pytest
from hypothesis import strategies as st

from chalicelib.domain.model.errors import InvalidRequest
from chalicelib.handlers.http import display_text
from tests.properties import given

KEPT = [
    "Ada Lovelace",
    "Ægir Þórsson",
    "Ольга",
    "Ελένη",
    "עדה",
    "عائشة",
    "می\u200cخواهم",  # noqa: RUF001 - Persian, with its joiner
    "क्‍षिति",
    "ශ්‍රී",
    "র‍্যাব",
    "𞤀𞤣‌𞤤",
    "ปัญญา",
    "ตู้เย็น",
    "ང་ཚོ་རྒྱ",
    "한글",
    "山田太郎",
    "Nguyễn Văn Ánh",
    "𠮷野家",
    "👩‍💻 Grace",
    "❤️",
    "🇦🇹",
    "O\N{RIGHT SINGLE QUOTATION MARK}Brien-Smith, Jr.",
    "<b>&amp;</b>",
    "\N{LATIN SMALL LETTER E WITH ACUTE}",
]
CANONICAL = {
    "e\u0301": "\N{LATIN SMALL LETTER E WITH ACUTE}",
    "e\u200b\u0301": "\N{LATIN SMALL LETTER E WITH ACUTE}",
    "  Ada \t Lovelace\n": "Ada Lovelace",
    "Ada\u00a0Lovelace\u3000": "Ada Lovelace",
    "\u200fעדה\u200e": "עדה",
    "\u202eadA\u202c": "adA",
    "\u2066Ada\u2069": "Ada",
    "A\u200bd\ufeffa\u00ad": "Ada",
    "Ada\u200d": "Ada",
    "\u200c\u200dAda \u200d Lovelace": "Ada Lovelace",
    "A\u200d\u200d\u200cda": "Ada",
    "e\u200d\u0301": "\N{LATIN SMALL LETTER E WITH ACUTE}",
    "Жю\u200cль": "Жюль",
    "山\u200d田": "山田",
    "ᄒ\u200cᅡᆫ": "한",
    "می\u200c\u200c\u200dشود": "می\u200cشود",
    "Ada\u2028Lovelace": "Ada Lovelace",
    "\u0301\u0302Ada": "Ada",
    "Ada \u0489\u0489Lovelace": "Ada Lovelace",
    "A\u3164da\u115f": "Ada",
    "\N{WAVING BLACK FLAG}\U000e0067\U000e0062\U000e007f": "\N{WAVING BLACK FLAG}",
}
REFUSED = {
    "nothing": "",
    "spaces": " \u3000\t ",
    "zero widths": "\u200b\u200d\ufeff",
    "marks alone": "\u0301\u0302",
    "fillers": "\u3164\u2800",
    "right-to-left marks": "\u200f\u202e",
    "NUL": "A\x00da",
    "an escape": "\x1b[31mAda",
    "a bell": "Ada\x07",
    "delete": "Ada\x7f",
    "a C1 control": "Ada\x9b",
    "half a pair": "Ada\ud800",
    "the other half": "\udfffAda",
    "no character": "Ada\ufffe",
    "nor this": "Ada\U0010ffff",
    "nor that": "\ufdd0",
    "too long": "x" * 81,
    "10,000 characters": "x" * 10_000,
    "too long once it is composed": "\u0958" * 41,
}


@pytest.mark.parametrize("name", KEPT)
def test_r31_a_name_of_any_script_is_unchanged(name: str) -> None:
    assert display_text.shown(name, "name") == name


@pytest.mark.parametrize("name", CANONICAL)
def test_r31_invisible_characters_are_removed_and_equal_looking_names_are_equal(name: str) -> None:
    assert display_text.shown(name, "name") == CANONICAL[name]


@pytest.mark.parametrize("name", REFUSED)
def test_r31_an_invalid_name_is_refused_with_its_field(name: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        display_text.shown(REFUSED[name], "name")
    assert refusal.value.field == "name"


@pytest.mark.parametrize("name", [*KEPT, *CANONICAL, *REFUSED.values()])
def test_r31_an_issuers_name_becomes_a_valid_name_or_an_empty_text(name: str) -> None:
    made = display_text.name_from_issuer(name)
    assert len(made) <= display_text.LONGEST_NAME
    assert not made or display_text.shown(made, "name") == made


@given(st.text(st.characters(codec=None), max_size=100))
def test_r31_a_canonical_name_has_no_other_form(name: str) -> None:
    made = display_text.name_from_issuer(name)
    assert display_text.canonical(made) == made == unicodedata.normalize("NFC", made)
    made.encode()
    assert made == " ".join(made.split())
    assert not {unicodedata.category(character) for character in made} & {"Cc", "Cs", "Zl", "Zp"}


def test_a_title_may_be_empty_and_longer_than_a_name() -> None:
    assert display_text.line(" \u200b", "title", longest=display_text.LONGEST_TITLE) == ""
    assert display_text.line("x" * 200, "title", longest=display_text.LONGEST_TITLE) == "x" * 200
    with pytest.raises(InvalidRequest):
        display_text.line("x" * 201, "title", longest=display_text.LONGEST_TITLE)
