"""Calls that survive a reload, a network that goes and comes back, and a lost connection to the service (R41)."""

import pytest

from infra.local.run_process import LocalRun
from tests.browser.known_member import ahead
from tests.browser.network.browser_proxy import BrowserProxy
from tests.browser.room.conftest import OpenVisitor
from tests.browser.room.meeting import arrange
from tests.browser.room.network_pause import paused_network
from tests.browser.room.room_visitor import SOON_SECONDS, meet, meet_again, see_each_other

# Two browsers with a call take seconds for each test.
pytestmark = pytest.mark.long


def test_r41_a_call_survives_a_reload(run: LocalRun, open_visitor: OpenVisitor) -> None:
    meeting = arrange(run, ahead(3, 1))
    meeting.travel(-5)
    ada, ben = open_visitor(meeting.ada, "red"), open_visitor(meeting.ben, "blue")
    for visitor in (ada, ben):
        visitor.open(meeting.room)
    meet(ada, ben)
    ben.page.browser.refresh()
    assert meet_again(ada, ben) < SOON_SECONDS
    ada.page.browser.refresh()
    assert meet_again(ben, ada) < SOON_SECONDS


def test_r41_a_call_survives_a_network_that_is_away(run: LocalRun, open_visitor: OpenVisitor) -> None:
    meeting = arrange(run, ahead(3, 2))
    meeting.travel(-5)
    ada, ben = open_visitor(meeting.ada, "red"), open_visitor(meeting.ben, "blue")
    for visitor in (ada, ben):
        visitor.open(meeting.room)
    meet(ada, ben)
    with paused_network(ben.page.browser):
        for visitor, partner in ((ada, ben), (ben, ada)):
            visitor.is_shown("The connection is interrupted. We connect again.")
            visitor.loses_sight_of(partner)
    see_each_other(ada, ben)
    ada.is_shown("You are connected with Ben.")


def test_r41_a_call_goes_on_without_the_service_and_signals_that_were_lost_are_repeated(
    run: LocalRun, open_visitor: OpenVisitor, proxy: BrowserProxy
) -> None:
    meeting = arrange(run, ahead(3, 3))
    meeting.travel(-5)
    ada, ben = open_visitor(meeting.ada, "red"), open_visitor(meeting.ben, "blue", *proxy.arguments)
    ben.page.allowed_messages += ["net::ERR_", "WebSocket connection to"]
    for visitor in (ada, ben):
        visitor.open(meeting.room)
    meet(ada, ben)
    proxy.refuses_tunnels = True
    proxy.cut_tunnels()
    ben.page.sees("Live updates are paused.")
    see_each_other(ada, ben)
    ada.page.browser.refresh()
    ada.join()
    ben.loses_sight_of(ada)
    proxy.refuses_tunnels = False
    see_each_other(ada, ben)


def test_r37_who_comes_late_meets_the_partner(run: LocalRun, open_visitor: OpenVisitor) -> None:
    meeting = arrange(run, ahead(3, 4))
    meeting.travel(-5)
    ada, ben = open_visitor(meeting.ada, "red"), open_visitor(meeting.ben, "blue")
    ada.open(meeting.room)
    ada.join()
    ada.is_shown("Ben is not here yet.")
    meeting.travel(20)
    ben.open(meeting.room)
    assert meet_again(ada, ben) < SOON_SECONDS
    joined = [each["joinedAt"] for each in meeting.ada.session(meeting.session_ids[0])["users"]]
    assert [text < meeting.start.strftime("%Y-%m-%dT%H:%M") for text in joined] == [True, False]
