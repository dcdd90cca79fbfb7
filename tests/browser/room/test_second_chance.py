"""Another partner for members whose partners do not come (R38)."""

import pytest

from infra.local.run_process import LocalRun
from tests.browser.known_member import ahead
from tests.browser.room.conftest import OpenVisitor
from tests.browser.room.meeting import arrange
from tests.browser.room.room_visitor import see_each_other

# Three browsers take seconds for each test.
pytestmark = pytest.mark.long

ASK = "Find me another partner"


def test_r38_two_members_whose_partners_are_absent_meet_each_other(run: LocalRun, open_visitor: OpenVisitor) -> None:
    at = ahead(6, 1)
    meeting, other = arrange(run, at), arrange(run, at, ("Cy", "Dee"))
    meeting.travel(1)
    ada, cy = open_visitor(meeting.ada, "red"), open_visitor(other.ada, "blue")
    ben = open_visitor(meeting.ben, "blue")
    for visitor, address in ((ada, meeting.room), (cy, other.room)):
        visitor.open(address)
        visitor.join()
        visitor.is_shown("you can ask for another partner.")
        assert visitor.page.found("button", ASK) == []
    missed = meeting.room
    meeting.travel(3, -15)
    for visitor in (ada, cy):
        visitor.page.browser.refresh()
        visitor.join()
    for visitor, partner in ((ada, cy), (cy, ada)):
        visitor.page.click("button", ASK)
        visitor.watch(partner)
    see_each_other(ada, cy)
    ada.is_shown("You are connected with Cy.")
    ben.open(missed)
    ben.is_shown("You missed this session")
    assert ben.run("return recorded.tracks.length + recorded.connections.length") == 0
    assert meeting.ben.session(meeting.session_ids[1])["state"] == "missed"
    joined = [each["joinedAt"] for each in meeting.ada.session(meeting.session_ids[0])["users"]]
    assert None not in joined
    see_each_other(ada, cy)
