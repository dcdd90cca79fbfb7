"""Tests of the names in headers such as `Accept-Language`."""

import pytest

from chalicelib.handlers.pages.accepted import accepted_names


@pytest.mark.parametrize(
    ("header", "names"),
    [
        (None, [("", 1)]),
        ("de", [("de", 1)]),
        ("DE-at , en;Q=0.5", [("de-at", 1), ("en", 0.5)]),
        ("text/html;level=1;q=0.3", [("text/html", 0.3)]),
        ("de;q=0,ar;q=high", [("de", 0), ("ar", 0)]),
    ],
)
def test_names_have_their_weights_in_the_order_of_the_header(
    header: str | None, names: list[tuple[str, float]]
) -> None:
    assert list(accepted_names(header)) == names
