"""Tests of the catalogs of the pages."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest

from chalicelib.domain.model.errors import Busy
from chalicelib.handlers.pages.page_catalog import LANGUAGES, TEXTS, catalog, day_text, language_of

TRANSLATIONS = [language for language in LANGUAGES if language != "en"]


def texts_of(group: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield each text of a catalog with its path."""
    if isinstance(group, str):
        yield path, group
        return
    for key, value in group.items() if isinstance(group, Mapping) else enumerate(group):
        yield from texts_of(value, f"{path}/{key}")


def parameters(text: str) -> set[str]:
    """Return the names in braces of a text."""
    return set(re.findall(r"\{\w+\}", text))


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        (None, None, "en"),
        (None, "", "en"),
        (None, "de", "de"),
        (None, "de-AT,de;q=0.9,en;q=0.8", "de"),
        (None, "fr-CH, fr;q=0.9, ar;q=0.8, en;q=0.7", "ar"),
        (None, "en;q=0.5, AR-eg;q=0.9", "ar"),
        (None, "de;q=0, en;q=0.1", "en"),
        (None, "de;q=high, ar", "ar"),
        (None, "fr, *", "en"),
        ("ar", "de", "ar"),
        ("xx", "de", "de"),
        ("../en", "de", "de"),
    ],
)
def test_the_chosen_language_or_the_preferred_one_of_the_browser_is_shown(
    chosen: str | None, accepted: str | None, language: str
) -> None:
    assert language_of(chosen, accepted) == language


def test_every_language_has_a_catalog_and_every_catalog_a_language() -> None:
    assert sorted(path.stem for path in TEXTS.iterdir()) == sorted(LANGUAGES)


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_a_translation_has_the_texts_and_parameters_of_the_english_catalog(language: str) -> None:
    english, translated = dict(texts_of(catalog("en"))), dict(texts_of(catalog(language)))
    assert list(translated) == list(english)
    # Only the English text of a limit has the words of the API.
    differing = {path for path, text in translated.items() if parameters(text) != parameters(english[path])}
    assert differing == {"/script/limit"}


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_a_translation_leaves_no_text_in_english(language: str) -> None:
    english, translated = dict(texts_of(catalog("en"))), dict(texts_of(catalog(language)))
    # German shares the names of these months, and a pattern without a word is the same.
    common = {"April", "August", "September", "November"}
    same = {text for path, text in translated.items() if text == english[path] and text not in common}
    assert same == set()


def test_the_texts_of_the_script_are_those_of_the_page() -> None:
    """Compare the texts that both draw, so that the script does not change the words of the page."""
    shared = {"title", "free", "none_free", "look_again", "minutes", "book"}
    for language in LANGUAGES:
        page, script = catalog(language)["invite"], catalog(language)["script"]
        assert {key: page[key] for key in shared} == {key: script[key] for key in shared}
    assert catalog("en")["problem"]["busy"]["lead"] == Busy.default_detail


def test_a_day_has_the_words_of_its_language() -> None:
    day = date(2026, 3, 2)
    assert {language: day_text(language, day) for language in LANGUAGES} == {
        "en": "Monday 2 March",
        "de": "Montag, 2. März",
        "ar": "الاثنين، 2 مارس",
    }
