"""Tests of signed cursors."""

import base64

import pytest
from hypothesis import strategies as st

from chalicelib.domain.model.errors import InvalidCursor
from chalicelib.handlers.http.inputs.cursors import position_in, sign
from tests.properties import given

KEY = b"key"


@given(st.text(), st.text())
def test_a_cursor_leads_back_to_its_position(scope: str, position: str) -> None:
    scope, position = (text.encode(errors="replace").decode() for text in (scope, position))
    assert position_in(KEY, scope, sign(KEY, scope, position)) == position


def test_no_cursor_is_the_first_page() -> None:
    assert position_in(KEY, "list", None) is None


def test_a_cursor_with_any_changed_character_is_refused() -> None:
    cursor = sign(KEY, "list", "2026-12-01T09:00:00+00:00")
    for n, character in enumerate(cursor):
        changed = cursor[:n] + ("A" if character != "A" else "B") + cursor[n + 1 :]
        with pytest.raises(InvalidCursor):
            position_in(KEY, "list", changed)


@pytest.mark.parametrize("cursor", ["", "x", "=", "AAAA", "ä", "A" * 5000, "\x00", sign(KEY, "list", "p") + "="])
def test_a_made_up_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidCursor) as refusal:
        position_in(KEY, "list", cursor)
    assert refusal.value.field == "cursor"


def test_a_cursor_is_valid_only_for_its_list_and_deployment() -> None:
    cursor = sign(KEY, "Ada's sessions", "p")
    for key, scope in ((KEY, "Ben's sessions"), (b"other", "Ada's sessions")):
        with pytest.raises(InvalidCursor):
            position_in(key, scope, cursor)


def test_a_cursor_with_a_longer_position_is_refused() -> None:
    raw = base64.urlsafe_b64decode(sign(KEY, "list", "abc"))
    longer = base64.urlsafe_b64encode(raw + b"d").decode().rstrip("=")
    with pytest.raises(InvalidCursor):
        position_in(KEY, "list", longer)
