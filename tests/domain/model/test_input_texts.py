"""Tests of the reasons to refuse an input."""

import re

from chalicelib.domain.model import input_texts
from chalicelib.domain.model.errors import InvalidInput


def test_every_reason_continues_a_sentence_that_begins_with_the_input() -> None:
    texts = [value for name, value in vars(input_texts).items() if name.isupper()]
    assert len(set(texts)) == len(texts) > 20
    assert [text for text in texts if not re.match(r"(must|is|needs) .*[^.]\Z", text)] == []


def test_values_are_listed_as_in_a_sentence() -> None:
    assert input_texts.one_of(["any", "same"]) == "must be one of any or same"
    assert input_texts.one_of(["woman", "man"], nullable=True) == "must be one of woman, man or null"
    assert input_texts.one_of(["paired"]) == "must be paired"


def test_null_is_named_where_it_is_accepted() -> None:
    assert input_texts.or_null(input_texts.TEXT) == "must be a text or null"
    assert input_texts.or_null(input_texts.FLAG) == "must be true, false or null"


def test_numbers_and_sizes_are_named() -> None:
    assert input_texts.whole_number(1, 500) == "must be a whole number from 1 to 500"
    assert input_texts.too_long(80) == "must have at most 80 characters"
    assert input_texts.list_of_at_most(30) == "must be a list of at most 30 entries"
    assert input_texts.too_late_after_start("one year") == "must be at most one year after the start"
    assert input_texts.more_unknown(7) == "must not have unknown fields, and has 7 more"


def test_r36_a_limit_is_a_sentence_that_says_what_to_do() -> None:
    reasons = (
        input_texts.most_favorites,
        input_texts.most_blocks,
        input_texts.most_links,
        input_texts.most_links_of_key,
        input_texts.most_api_keys,
    )
    assert [InvalidInput("field", reason(7)).sentence for reason in reasons] == [reason(7) for reason in reasons]
    assert all("7" in reason(7) and " first" in reason(7) for reason in reasons)
