"""Each condition of a step, and steps that are too long for one transaction (R21, R22)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from chalicelib.domain.audit.snapshot import Snapshot
from chalicelib.domain.decisions.day_editor import DayEditor
from chalicelib.domain.decisions.queue_rows import row_changes, row_of
from chalicelib.domain.model.booking import Booking, ChangeKind, QueuePosition, State
from chalicelib.domain.model.day import Day, Days
from chalicelib.domain.model.member import PairRelations, Profile, Relation
from chalicelib.domain.model.slot import Slot
from chalicelib.domain.slot_matching.plan_execution import apply, can_be_applied, members_of, split
from chalicelib.domain.slot_matching.slot_plan import PlanStep
from tests.domain.samples import CUTOFF
from tests.invariants import check_all

NOW = datetime(2026, 3, 2, 8, 50, tzinfo=UTC)
NINE = Slot(datetime(2026, 3, 2, 9, tzinfo=UTC), 50)
MOST_ITEMS = 100


def day_of(member: str) -> Day:
    return Day(member, NINE.date, version=1)


def waits(member: str) -> Booking:
    return Booking(f"of {member}", member, NINE, NOW, State.WAITING, queue_position=QueuePosition(False, NOW))


def path(pairs: int) -> Days:
    """Return the days of members 0 to 2n + 1. The first and the last wait, those between are paired in order."""
    members = [f"{n:03}" for n in range(2 * pairs + 2)]
    days = Days(day_of(member).with_booking(waits(member)) for member in members)
    editor = DayEditor(days, "before", NOW)
    for one, other in zip(members[1:-1:2], members[2:-1:2], strict=True):
        editor.match(*(editor.booking(days.holding(member, NINE)) for member in (one, other)), f"pair of {one}")
    return days | Days(change.after for change in editor.changes())


def step(pairs: int) -> PlanStep:
    """Return the step that pairs each member of such a path with the other neighbour."""
    members = [f"{n:03}" for n in range(2 * pairs + 2)]
    new_pairs = tuple(zip(members[::2], members[1::2], strict=True))
    broken_pairs = tuple(zip(members[1:-1:2], members[2:-1:2], strict=True))
    return PlanStep(new_pairs, broken_pairs)


def pairs_relations(of: PlanStep) -> list[PairRelations]:
    return [PairRelations(profile(one), profile(other)) for one, other in of.new_pairs]


def profile(member: str) -> Profile:
    return Profile(member, member, "UTC", NOW, "first")


def applied(days: Days, part: PlanStep) -> tuple[Days, int]:
    """Return the days after a part of a step, and the number of items in its transaction."""
    assert can_be_applied(part, NINE, pairs_relations(part), days, NOW, CUTOFF)
    editor = DayEditor(days, "step", NOW)
    apply(editor, part, NINE, days, [f"{one} and {other}" for one, other in part.new_pairs])
    rows = row_changes(editor.changes())
    items = len(editor.changes()) + len(rows.put) + len(rows.delete)
    return days | Days(change.after for change in editor.changes()), items


@pytest.mark.parametrize("pairs", [0, 1, 22, 23, 24, 45, 46, 47, 100])
def test_r21_every_part_of_a_step_of_any_length_leaves_the_invariants_intact(pairs: int) -> None:
    whole, days = step(pairs), path(pairs)
    parts = list(split(whole))
    assert tuple(pair for part in parts for pair in part.new_pairs) == whole.new_pairs
    assert tuple(pair for part in parts for pair in part.broken_pairs) == whole.broken_pairs
    for number, part in enumerate(parts, 1):
        days, items = applied(days, part)
        assert items <= MOST_ITEMS
        rows = {row for day in days for held in day.active if (row := row_of(held))}
        accounts = {day.member_id: profile(day.member_id) for day in days}
        check_all(Snapshot(days={day.key: day for day in days}, rows=rows, accounts=accounts), NOW)
        waiting = [held for day in days for held in day.active if held.state is State.WAITING]
        # Two members wait until the last part gains a pair. The member at the split waits first.
        assert len(waiting) == (0 if number == len(parts) else 2)
        assert [held.queue_position.displaced for held in waiting if held.queue_position] == (
            [] if number == len(parts) else [True, False]
        )
    assert {
        frozenset((held.member_id, held.partner.member_id)) for day in days for held in day.active if held.partner
    } == {frozenset(pair) for pair in whole.new_pairs}


def test_r21_a_moved_booking_is_marked_and_its_last_change_is_a_match() -> None:
    days, _ = applied(path(1), step(1))
    held = {member: days.holding(member, NINE) for member in ("000", "001", "002", "003")}
    assert {member: booking.moved for member, booking in held.items() if booking} == {
        "000": False,
        "001": True,
        "002": True,
        "003": False,
    }
    assert {booking.last_change.kind for booking in held.values() if booking and booking.last_change} == {
        ChangeKind.MATCHED
    }


def changed(member: str, change: Callable[[Booking], Booking]) -> Callable[[Days], Days]:
    def after(days: Days) -> Days:
        booking = days.holding(member, NINE)
        assert booking
        return days | Days([days[member, NINE.date].with_booking(change(booking))])

    return after


def cancelled_on_the_other(days: Days) -> Days:
    return days | Days([days["000", NINE.date].with_cancelled_by(NINE, "001")])


OBSTACLES: dict[str, Callable[[Days], Days]] = {
    "the waiting member has cancelled": changed("000", lambda booking: booking.cancelled(NOW)),
    "the waiting member is paired": changed(
        "003", lambda booking: booking.paired(waits("x"), State.MATCHED, "p", None)
    ),
    "one of the pair has another partner": changed(
        "001", lambda booking: booking.paired(waits("x"), State.MATCHED, "p", None)
    ),
    "one of the pair waits": changed("001", lambda booking: booking.waiting(QueuePosition(False, NOW), None)),
    "the pair is locked in": changed("001", lambda booking: replace(booking, state=State.LOCKED_IN)),
    "one of the pair was moved before": changed("001", lambda booking: replace(booking, moved=True)),
    "the other was moved before": changed("002", lambda booking: replace(booking, moved=True)),
    "one of a new pair cancelled on the other in this slot": cancelled_on_the_other,
}


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_r21_a_step_is_impossible_after_any_change_of_its_members(obstacle: str) -> None:
    before, after = path(1), OBSTACLES[obstacle](path(1))
    assert can_be_applied(step(1), NINE, pairs_relations(step(1)), before, NOW, CUTOFF)
    assert not can_be_applied(step(1), NINE, pairs_relations(step(1)), after, NOW, CUTOFF)


def test_r6_a_step_is_impossible_if_a_new_pair_may_not_meet() -> None:
    first, second = pairs_relations(step(1))
    for blocked in (replace(second, outgoing=Relation(blocked=True)), replace(second, other=None)):
        assert not can_be_applied(step(1), NINE, [first, blocked], path(1), NOW, CUTOFF)


def test_r22_a_step_that_breaks_a_pair_is_impossible_once_matches_are_final() -> None:
    last = NINE.start - CUTOFF
    for now, possible in ((last - timedelta(microseconds=1), True), (last, False)):
        assert can_be_applied(step(1), NINE, pairs_relations(step(1)), path(1), now, CUTOFF) is possible
    # Two waiting members are paired until the start.
    for now, possible in ((NINE.start - timedelta(microseconds=1), True), (NINE.start, False)):
        assert can_be_applied(step(0), NINE, pairs_relations(step(0)), path(0), now, CUTOFF) is possible


def test_the_members_of_a_step_are_those_of_its_new_and_broken_pairs() -> None:
    assert members_of(step(1)) == {"000", "001", "002", "003"}
