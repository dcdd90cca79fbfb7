"""The times of a room (R41), and the sound at the end of a session."""

import pytest

from infra.local.run_process import LocalRun
from tests.browser.known_member import ahead
from tests.browser.room.conftest import OpenVisitor
from tests.browser.room.meeting import arrange
from tests.browser.room.room_visitor import RoomVisitor

# Browsers take seconds for each test.
pytestmark = pytest.mark.long

# A loaded machine needs some of them to open the page.
SECONDS = 15


def test_r41_before_its_time_a_room_opens_for_neither_and_then_by_itself(
    run: LocalRun, open_visitor: OpenVisitor
) -> None:
    meeting = arrange(run, ahead(5, 1))
    meeting.travel(-12)
    ada, ben = open_visitor(meeting.ada, "red"), open_visitor(meeting.ben, "blue")
    for visitor in (ada, ben):
        visitor.open(meeting.room)
        visitor.is_shown("The room opens")
        assert has_no_room(visitor)
    meeting.travel(-10, -SECONDS)
    ada.open(meeting.room)
    ada.join()


def test_r41_after_its_time_a_room_closes_for_both(run: LocalRun, open_visitor: OpenVisitor) -> None:
    meeting = arrange(run, ahead(5, 2))
    meeting.travel(-5)
    ada, ben = open_visitor(meeting.ada, "red"), open_visitor(meeting.ben, "blue")
    ada.open(meeting.room)
    ada.join()
    meeting.travel_to_end(10, -SECONDS)
    ben.open(meeting.room)
    ben.is_shown("This room is closed")
    # Who was there can come back until the room closes.
    ada.open(meeting.room)
    ada.join()
    ada.is_shown("This room is closed")
    ada.page.until(lambda: ada.open_tracks() == 0, "the camera is still on")
    for visitor in (ada, ben):
        visitor.open(meeting.room)
        visitor.is_shown("This room is closed")
        assert has_no_room(visitor)


@pytest.mark.parametrize(("hour", "quiet", "tones"), [(3, False, 3), (4, True, 0)])
def test_r31_a_session_ends_with_a_sound_except_in_quiet_mode(
    run: LocalRun, open_visitor: OpenVisitor, hour: int, quiet: bool, tones: int
) -> None:
    meeting = arrange(run, ahead(5, hour), quietMode=quiet)
    meeting.travel_to_end(0, -SECONDS)
    ada = open_visitor(meeting.ada, "red")
    meeting.travel_to_end(0, -SECONDS)
    ada.open(meeting.room)
    ada.join()
    assert ("Quiet mode: no sound at the end." in ada.page.text("main")) == quiet
    ada.is_shown("The session is over. Well done!")
    assert ada.run("return recorded.tones") == tones


def has_no_room(visitor: RoomVisitor) -> bool:
    """Return True for a page without a camera, a call and a button that joins."""
    opened = visitor.run("return recorded.tracks.length + recorded.connections.length")
    return opened == 0 and visitor.page.found("button", "Join") == []
