"""The call of two members in the service's own room (R41)."""

import json

import pytest

from infra.local.run_process import LocalRun
from tests.browser.known_member import ahead
from tests.browser.room.conftest import OpenVisitor
from tests.browser.room.meeting import arrange
from tests.browser.room.room_visitor import SOON_SECONDS, RoomVisitor, meet, see_each_other

# Two browsers with a call take seconds for each test.
pytestmark = pytest.mark.long

# The fake microphone makes a sound each second.
SILENCE_SECONDS = 3


@pytest.fixture
def in_call(run: LocalRun, open_visitor: OpenVisitor, hour: int) -> tuple[RoomVisitor, RoomVisitor]:
    """Ada and Ben, who see each other 5 minutes before the start."""
    meeting = arrange(run, ahead(2, hour), title="Thesis")
    meeting.travel(-5)
    ada, ben = open_visitor(meeting.ada, "red"), open_visitor(meeting.ben, "blue")
    for visitor in (ada, ben):
        visitor.open(meeting.room)
    meet(ada, ben)
    return ada, ben


def at(hour: int) -> pytest.MarkDecorator:
    """Return the mark of the hour of a session, which no other test has."""
    return pytest.mark.parametrize("hour", [hour])


def test_r41_two_members_see_each_other_within_five_seconds(run: LocalRun, open_visitor: OpenVisitor) -> None:
    meeting = arrange(run, ahead(2, 1))
    meeting.travel(-5)
    ada, ben = open_visitor(meeting.ada, "red"), open_visitor(meeting.ben, "blue")
    for visitor in (ada, ben):
        visitor.page.click("link", "Sessions")
        visitor.page.click("link", "Join")
    assert meet(ada, ben) < SOON_SECONDS
    assert {*ada.ways(), *ben.ways()} == {"host"}
    ada.is_shown("You are connected with Ben.")
    ben.is_shown("You are connected with Ada.")
    assert ada.page.violations() == []


@at(2)
def test_r41_a_muted_member_is_not_heard_and_the_partner_learns_it(in_call: tuple[RoomVisitor, RoomVisitor]) -> None:
    ada, ben = in_call
    ben.hears_sound()
    ada.page.click("button", "Mute")
    ben.is_shown("Ada is muted.")
    ben.hears_silence(SILENCE_SECONDS)
    ada.hears_sound()
    ada.page.click("button", "Unmute")
    ben.page.sees_no_more("Ada is muted.")
    ben.hears_sound()


@at(3)
def test_r41_a_camera_that_is_off_shows_nothing_and_comes_back(in_call: tuple[RoomVisitor, RoomVisitor]) -> None:
    ada, ben = in_call
    ada.page.click("button", "Turn the camera off", ada.controls())
    ben.is_shown("The camera of Ada is off.")
    ben.page.until(lambda: ben.run("return !document.querySelector('video[aria-label*=Ada]')"), "Ada is still shown")
    assert ada.open_tracks() == 1
    ada.sees_now(ben)
    ada.page.click("button", "Turn the camera on", ada.controls())
    ben.sees_now(ada)


@at(4)
def test_r34_chat_and_shared_titles_reach_the_partner_and_not_the_service(
    in_call: tuple[RoomVisitor, RoomVisitor],
) -> None:
    ada, ben = in_call
    ada.page.fill("Message", "The cat is on the desk")
    ada.page.click("button", "Send")
    ben.page.sees("The cat is on the desk", "[role=log]")
    assert "Ada works on" not in ben.page.text("main")
    ada.page.click("checkbox", "Show my title to Ben")
    ben.is_shown("Ada works on: Thesis")
    ada.page.click("checkbox", "Show my title to Ben")
    ben.page.sees_no_more("Ada works on: Thesis")
    for visitor in (ada, ben):
        service = json.dumps(visitor.run("return [recorded.said, recorded.heard, recorded.answers]"))
        assert "The cat is on the desk" not in service


@at(5)
def test_r41_a_shared_screen_takes_the_place_of_the_camera(in_call: tuple[RoomVisitor, RoomVisitor]) -> None:
    ada, ben = in_call
    ada.page.click("button", "Share the screen")
    ben.is_shown("Ada shares a screen.")
    ben.page.until(lambda: ben.picture_of(ada) not in ("red", ""), "the screen is not shown")
    ada.page.click("button", "End the sharing")
    ben.page.sees_no_more("Ada shares a screen.")
    ben.sees_now(ada)


@at(6)
def test_r41_who_leaves_stops_the_camera_and_can_come_back(in_call: tuple[RoomVisitor, RoomVisitor]) -> None:
    ada, ben = in_call
    ada.page.click("button", "Leave")
    ada.is_shown("You have left the room")
    assert ada.open_tracks() == 0
    ben.is_shown("Ada has left the room, and can come back.")
    ada.page.click("button", "Join again")
    ada.join()
    see_each_other(ada, ben)


@at(7)
def test_r41_a_second_window_takes_the_place_of_the_first(in_call: tuple[RoomVisitor, RoomVisitor]) -> None:
    ada, ben = in_call
    first = ada.page.browser.current_window_handle
    address = ada.page.browser.current_url
    ada.page.browser.switch_to.new_window("tab")
    ada.record()
    ada.open(address)
    ada.join()
    see_each_other(ada, ben)
    ada.page.browser.switch_to.window(first)
    ada.is_shown("This room is open in another window")
    assert ada.open_tracks() == 0
