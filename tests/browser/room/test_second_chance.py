"""Another partner for a member in a room (R38, R41)."""

from datetime import timedelta

import pytest

from infra.local.run_process import LocalRun
from tests.browser.known_member import KnownMember, ahead
from tests.browser.room.conftest import OpenVisitor
from tests.browser.room.meeting import MINUTES, arrange, set_clock
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


def test_r41_a_page_opens_its_camera_to_no_other_partner_before_a_click(
    run: LocalRun, open_visitor: OpenVisitor
) -> None:
    start = ahead(6, 2)
    set_clock(run, None)
    ada, ben, cy = (KnownMember(run, name) for name in ("Ada", "Ben", "Cy"))
    for one, other in ((ada, cy), (cy, ada)):
        one.add_favorites(other)
    of_ada = ada.book(start, MINUTES)["sessionId"]
    ben.book(start, MINUTES)
    ada.await_partner(of_ada, "Ben")
    set_clock(run, start - timedelta(minutes=9))
    visitor = open_visitor(ada, "red")
    visitor.open(ada.session(of_ada)["roomUrl"])
    visitor.join()
    assert has_joined(ada, of_ada)
    cy.book(start, MINUTES, partner=ada)
    visitor.is_shown("You have another partner now.")
    visitor.is_shown("Your room with Cy")
    assert not has_joined(ada, of_ada)
    visitor.join()
    assert has_joined(ada, of_ada)


def has_joined(member: KnownMember, session_id: str) -> bool:
    """Return whether the member has joined the session with its present partner."""
    return member.session(session_id)["users"][0]["joinedAt"] is not None
