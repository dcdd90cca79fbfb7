"""The texts of the pages by language. Each catalog is read with its first page."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from chalicelib.handlers.pages.accept_header import accepted_names

# The languages with a catalog, by their own names. The first one is for visitors who accept no other.
LANGUAGES = {"en": "English", "de": "Deutsch", "ar": "العربية"}
RIGHT_TO_LEFT = ("ar",)
TEXTS = Path(__file__).parent / "texts"


def language_of(chosen: str | None, accept_language: str | None) -> str:
    """Return the chosen language, or the one with a catalog that an `Accept-Language` header prefers."""
    if chosen in LANGUAGES:
        return chosen
    ranked = sorted(accepted_names(accept_language), key=lambda accepted: -accepted.weight)
    named = (accepted.name.partition("-")[0] for accepted in ranked if accepted.weight > 0)
    return next((name for name in named if name in LANGUAGES), next(iter(LANGUAGES)))


@cache
def catalog(language: str) -> Mapping[str, Any]:
    """Return the texts of a language."""
    read: dict[str, Any] = msgspec.json.decode((TEXTS / f"{language}.json").read_bytes())
    return read


def day_text(language: str, day: date) -> str:
    """Return a day in words, such as `Monday 2 March`."""
    texts = catalog(language)
    text: str = texts["day"]
    return text.format(weekday=texts["weekdays"][day.weekday()], day=day.day, month=texts["months"][day.month - 1])
