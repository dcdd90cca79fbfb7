"""The call of two members in the service's own room (R41)."""

import pytest

from infra.local.run_process import LocalRun
from tests.browser.known_member import ahead
from tests.browser.room.conftest import OpenVisitor
from tests.browser.room.meeting import arrange
from tests.browser.room.room_visitor import SOON_SECONDS, meet

# Two browsers with a call take seconds for each test.
pytestmark = pytest.mark.long


def test_r41_two_members_see_each_other_within_five_seconds(run: LocalRun, open_visitor: OpenVisitor) -> None:
    meeting = arrange(run, ahead(2, 1))
    meeting.travel(-5)
    ada, ben = open_visitor(meeting.ada, "red"), open_visitor(meeting.ben, "blue")
    for visitor in (ada, ben):
        visitor.open(meeting.room)
    seconds = meet(ada, ben)
    print(f"both pictures after {seconds:.1f} s")
    assert seconds < SOON_SECONDS
    assert {*ada.ways(), *ben.ways()} == {"host"}
