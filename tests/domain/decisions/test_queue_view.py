"""The queue shards that a crowded slot gets, and the pages of a queue (R19, R20)."""

from datetime import timedelta

import pytest

from chalicelib.domain.decisions.queue_rows import WaitingRow
from chalicelib.domain.decisions.queue_view import PAGE, QueueView
from tests.domain.decisions.booking_cases import NINE, NOW, queue_position


def rows(number: int, *, seconds: float = 0, first: int = 0) -> list[WaitingRow]:
    """Return the waiting rows of this number of members, each of this age."""
    position = queue_position(NOW - timedelta(seconds=seconds))
    return [WaitingRow(NINE, position, f"member {first + n}") for n in range(number)]


SHARDS: dict[str, tuple[QueueView, bool, int | None]] = {
    "a quiet slot": (QueueView(0, 1), False, None),
    "a page within a second": (QueueView(0, 1, (), rows(PAGE, seconds=0.9)), False, 4),
    "a page within a second, in 16 shards": (QueueView(0, 16, (), rows(PAGE, seconds=0.9)), False, 64),
    "a page within a whole second": (QueueView(0, 1, (), rows(PAGE, seconds=1)), False, None),  # `<=` instead of `<`
    "one of a page is older": (
        QueueView(0, 1, (), [*rows(PAGE - 1), *rows(1, seconds=9)]),
        False,
        None,
    ),  # any, not all
    "less than a page": (QueueView(0, 1, (), rows(PAGE - 1)), False, None),
    "races lost in one queue shard": (QueueView(0, 1), True, 4),
    "races lost in one of several": (QueueView(0, 4), True, None),  # opens more with every lost race
    "the largest number": (QueueView(0, 64, (), rows(PAGE)), False, None),
}


@pytest.mark.parametrize(("queue", "contended", "after"), SHARDS.values(), ids=SHARDS)
def test_a_crowded_queue_gets_more_queue_shards(queue: QueueView, contended: bool, after: int | None) -> None:
    opened = queue.opened(NINE, NOW, contended=contended)
    assert (opened and (opened.slot, opened.before, opened.after)) == (after and (NINE, queue.queue_shards, after))


def test_the_second_page_has_the_members_who_came_last_and_no_member_twice() -> None:
    longest, latest = rows(PAGE), rows(PAGE, first=3)
    first, second = QueueView(0, 1, longest, latest).pages
    assert (list(first), list(second)) == (longest, latest[PAGE - 3 :])
