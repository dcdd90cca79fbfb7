"""The times of rooms, at their first and last instants (R37, R38, R41)."""

from datetime import timedelta

from chalicelib.domain.model.room_times import closes_at, is_room_open, may_ask_again, may_join, opens_at
from tests.harness import at

SLOT = at(1)
MINUTE, INSTANT = timedelta(minutes=1), timedelta(microseconds=1)


def test_r37_members_may_join_from_ten_minutes_before_the_start_to_the_end() -> None:
    opens = SLOT.start - 10 * MINUTE
    instants = (opens - INSTANT, opens, SLOT.end, SLOT.end + INSTANT)
    assert [may_join(SLOT, now) for now in instants] == [False, True, True, False]
    assert opens_at(SLOT) == opens


def test_r41_a_room_is_open_from_ten_minutes_before_the_start_to_ten_minutes_after_the_end() -> None:
    opens, closes = SLOT.start - 10 * MINUTE, SLOT.end + 10 * MINUTE
    instants = (opens - INSTANT, opens, closes - INSTANT, closes)
    assert [is_room_open(SLOT, now) for now in instants] == [False, True, True, False]
    assert closes_at(SLOT) == closes


def test_r38_another_partner_may_be_asked_for_from_three_to_ten_minutes_after_the_start() -> None:
    first, end = SLOT.start + 3 * MINUTE, SLOT.start + 10 * MINUTE
    instants = (first - INSTANT, first, end - INSTANT, end)
    assert [may_ask_again(SLOT, now) for now in instants] == [False, True, True, False]
