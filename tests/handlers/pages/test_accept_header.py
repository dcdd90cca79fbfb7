"""The names and weights of an accept header."""

import pytest

from chalicelib.handlers.pages.accept_header import AcceptedName, accepted_names


@pytest.mark.parametrize(
    ("header", "names"),
    [
        (None, [("", 1)]),
        ("", [("", 1)]),
        ("de-AT, de;q=0.8 , EN ; Q=0.5", [("de-at", 1), ("de", 0.8), ("en", 0.5)]),
        # An unreadable weight refuses the name, which is no worse than ignoring it.
        ("de;q=much,en;q=0", [("de", 0), ("en", 0)]),
        ("text/html;level=1;q=0.3", [("text/html", 0.3)]),
    ],
)
def test_the_names_of_a_header_have_their_weights(header: str | None, names: list[tuple[str, float]]) -> None:
    assert list(accepted_names(header)) == [AcceptedName(*each) for each in names]
