"""Pages of a member's lists."""

import pytest

from chalicelib.services.pages import Page, read_page

ROWS: list[tuple[str, str | None]] = [("a", "A"), ("b", None), ("c", "C")]


def rows(limit: int | None) -> list[tuple[str, str | None]]:
    return ROWS[:limit]


@pytest.mark.parametrize(
    ("limit", "page"),
    [
        (None, Page(["A", "C"], None)),
        (1, Page(["A"], "a")),
        (2, Page(["A"], "b")),
        (3, Page(["A", "C"], None)),
        (4, Page(["A", "C"], None)),
    ],
)
def test_a_page_has_the_items_of_its_rows_and_the_last_id_if_more_follow(limit: int | None, page: Page[str]) -> None:
    assert read_page(rows, limit) == page
