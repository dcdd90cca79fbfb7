"""The list of due members changes with the schedules of the members (R40)."""

from datetime import timedelta

from msgspec.structs import replace

from chalicelib.domain.decisions.repeat_schedule import schedule_changes
from chalicelib.domain.decisions.write_set import DocumentChange
from chalicelib.domain.model.repeat import DueRepeats, RepeatSchedule
from tests.domain.samples import NOON

LATER = NOON + timedelta(days=1)
STORED = RepeatSchedule(member_id="ada", due=NOON, version=3)
ROW, LATER_ROW = (DueRepeats(member_id="ada", due=due) for due in (NOON, LATER))


def test_r40_a_first_schedule_adds_its_row() -> None:
    new = RepeatSchedule(member_id="ada")
    assert schedule_changes(new, NOON) == (
        DocumentChange(None, replace(new, due=NOON)),
        DocumentChange(None, ROW, regardless=True),
    )
    assert schedule_changes(new, None) == (DocumentChange(None, new),)


def test_r40_a_later_instant_moves_the_row_and_none_removes_it() -> None:
    assert schedule_changes(STORED, LATER) == (
        DocumentChange(STORED, replace(STORED, due=LATER)),
        DocumentChange(ROW, None, regardless=True),
        DocumentChange(None, LATER_ROW, regardless=True),
    )
    assert schedule_changes(STORED, None) == (
        DocumentChange(STORED, replace(STORED, due=None)),
        DocumentChange(ROW, None, regardless=True),
    )


def test_r36_the_same_instant_still_increments_the_version_of_the_schedule() -> None:
    assert schedule_changes(STORED, NOON) == (DocumentChange(STORED, STORED),)
