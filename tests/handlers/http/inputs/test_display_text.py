"""Tests of names and titles in every script, and of refused ones."""

import unicodedata

import pytest
import regex
from hypothesis import strategies as st

from chalicelib.domain.model.errors import InvalidRequest
from chalicelib.handlers.http.inputs import display_text
from tests import unicode_samples
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
    "\u0d30\u0d3e\u0d1c\u0d28\u0d4d\u200d",
    "\N{WAVING BLACK FLAG}\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "\u0600\u0661\u0662",
    "⠁⠙⠁\u2800⠇",
    "Ada  Lovelace",
    "Ada\u00a0Lovelace",
    "\u0301Ada",
    "A\u200bd\ufeffa\u00ad",
    "\u200fעדה\u200e",
    "\u202eadA\u202c",
    "\u202a\u2067Ada\u2069 \u2068Lovelace\u2069\u202c",
    "Ada\U0003ffe0",
]
CHANGED = {
    "e\u0301": "\N{LATIN SMALL LETTER E WITH ACUTE}",
    "\u1112\u1161\u11ab": "한",
    "  Ada \t Lovelace\n": "Ada   Lovelace",
    "\u00a0Ada\u3000": "Ada",
    "Ada\u2028Lovelace\r\nByron": "Ada Lovelace Byron",
}
REFUSED = {
    "nothing": "",
    "spaces": " \u3000\t ",
    "zero widths": "\u200b\u200d\ufeff",
    "fillers": "\u3164\u2800\u115f",
    "direction marks": "\u200f\u061c",
    "an empty isolate": "\u2068\u2069",
    "variation selectors": "\ufe0f\ufe00",
    "tags": "\U000e0067\U000e007f",
    "NUL": "A\x00da",
    "an escape": "\x1b[31mAda",
    "a bell": "Ada\x07",
    "a separator": "Ada\x1fLovelace",
    "delete": "Ada\x7f",
    "a C1 control": "Ada\x9b",
    "half a pair": "Ada\ud800",
    "the other half": "\udfffAda",
    "no character": "Ada\ufffe",
    "nor this": "Ada\U0010ffff",
    "nor that": "\ufdd0",
    "an open override": "\u202eadA",
    "an open isolate": "Ada\u2068",
    "closed but not opened": "Ada\u202c",
    "closed by the other kind": "\u202aAda\u2069",
    "crossing pairs": "\u202aA\u2067d\u202ca\u2069",
    "an embedding that an isolate ends": "\u2067A\u202ada\u2069",
    "too long": "x" * 81,
    "10,000 characters": "x" * 10_000,
    "too long once it is composed": "\u0958" * 41,
}
FLAG = "\N{WAVING BLACK FLAG}\U000e0067\U000e0062\U000e007f"
# An issuer's name, and the valid one that is made of it.
ISSUED = {
    "A\x00d\x1ba\ud800\ufffe": "Ada",
    "\u202eadA": "adA",
    "\u202aA\u2069da\u202c\u202c": "\u202aAda\u202c",
    "e\u202c\u0301": "\N{LATIN SMALL LETTER E WITH ACUTE}",
    "\u200b\ufeff": "",
    "ada@example.com": "",
    "ada@\u2060example.com": "",
    f"{'x' * 80}@example.com": "",
    "x" * 81: "x" * 80,
    f"{'x' * 79} y": "x" * 79,
    f"{'x' * 79}e\u0325": "x" * 79,
    f"{'x' * 78}{FLAG}": "x" * 78,
    f"{'x' * 77}\U0001f468\u200d\U0001f469\u200d\U0001f467": "x" * 77,
    f"{'x' * 79}\U0001f44b\U0001f3fd": "x" * 79,
    f"\u202b{'x' * 80}\u202c": "x" * 79,
    "\u0325" * 90: "\u0325" * 80,
}


@pytest.mark.parametrize("name", KEPT)
def test_r31_a_name_of_any_script_is_unchanged(name: str) -> None:
    assert display_text.shown(name, "name") == name


@pytest.mark.parametrize("name", CHANGED)
def test_r31_a_name_is_composed_in_one_line_and_has_no_space_at_its_ends(name: str) -> None:
    assert display_text.shown(name, "name") == CHANGED[name]


@pytest.mark.parametrize("name", REFUSED)
def test_r31_an_invalid_name_is_refused_with_its_field(name: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        display_text.shown(REFUSED[name], "name")
    assert refusal.value.field == "name"


@pytest.mark.parametrize("name", ISSUED)
def test_r31_an_issuers_name_is_made_valid(name: str) -> None:
    assert display_text.name_from_issuer(name) == ISSUED[name]


@pytest.mark.parametrize("name", [*KEPT, *CHANGED])
def test_r31_a_valid_name_of_an_issuer_is_stored_as_a_chosen_one(name: str) -> None:
    assert display_text.name_from_issuer(name) == display_text.shown(name, "name")


@given(
    st.text(st.characters(codec=None), max_size=100) | st.text("A e\u0301\u200d\u202a\u202c\u2067\u2069", max_size=100)
)
def test_r31_an_issuers_name_becomes_a_valid_name_or_an_empty_text(name: str) -> None:
    made = display_text.name_from_issuer(name)
    assert not made or display_text.shown(made, "name") == made


def stored_name(text: str) -> str | None:
    """Return the stored form of a name, None if it is refused with its field."""
    try:
        return display_text.shown(text, "name")
    except InvalidRequest as refusal:
        return None if refusal.field == "name" else "refused without the field"


def test_every_sample_of_unicode_is_stored_in_nfc_or_refused_with_the_field() -> None:
    """Store each letter of CLDR's exemplar lists, each sample name and each emoji sequence as a name and as a title."""
    samples = [*unicode_samples.letters(), *unicode_samples.names(), *unicode_samples.emoji()]
    assert len(samples) > 30_000
    for text in samples:
        composed = unicodedata.normalize("NFC", text)
        is_blank = not any(map(is_visible, composed))
        # Some joiners and spaces are letters of the exemplar lists. Some sample names with all titles are long.
        name = None if is_blank or len(composed) > display_text.LONGEST_NAME else composed
        assert stored_name(text) == name
        assert display_text.title(text, "title") == ("" if is_blank else composed)


def is_visible(character: str) -> bool:
    """Return True for a visible character, by the properties of the library `regex`."""
    blank = r"[\p{White_Space}\p{Default_Ignorable_Code_Point}\u2800]"
    hidden = r"[\p{Cf}--\p{Prepended_Concatenation_Mark}]"
    return not regex.match(blank, character) and not regex.match(hidden, character, regex.V1)


@pytest.mark.long
def test_the_visible_characters_are_those_of_unicodes_properties() -> None:
    """Compare all characters that Python's version of Unicode knows with a library that has the properties."""
    for character in map(chr, range(0x110000)):
        if unicodedata.category(character) not in ("Cn", "Cs", "Cc"):
            assert bool(display_text.name_from_issuer(character)) == is_visible(character), hex(ord(character))


def test_a_title_may_be_empty_and_longer_than_a_name() -> None:
    assert display_text.title(" \u200b", "title") == ""
    assert display_text.title("x" * 200, "title") == "x" * 200
    assert display_text.title("e\u0301" * 200, "title") == "\N{LATIN SMALL LETTER E WITH ACUTE}" * 200
    with pytest.raises(InvalidRequest):
        display_text.title("x" * 201, "title")


def test_a_text_of_decomposed_letters_may_have_4_times_as_many_characters() -> None:
    """Send the letters with the longest decomposition, and marks that take quadratic time to compose."""
    letters = [chr(code) for code in range(0x110000) if len(unicodedata.normalize("NFD", chr(code))) == 4]
    composed = next(letter for letter in letters if unicodedata.normalize("NFC", letter) == letter) * 200
    assert display_text.title(f" {unicodedata.normalize('NFD', composed)} ", "title") == composed
    with pytest.raises(InvalidRequest, match="must have at most 200 characters"):
        display_text.title("\u0315" * 300_000 + "\u0316" * 300_000, "title")


@pytest.mark.parametrize(
    ("name", "initial"),
    [
        ("ada", "A"),
        ("\u202bעדה\u202c", "ע"),
        ("\u200b\u2800 e\u0325da", "E\u0325"),
        ("ß", "SS"),
        ("\u0d30\u0d3e\u0d1c", "\u0d30\u0d3e"),
        ("\u200b", "\u200b"),
    ],
)
def test_the_initial_of_a_name_is_its_first_visible_character_with_its_marks(name: str, initial: str) -> None:
    assert display_text.initial(name) == initial
