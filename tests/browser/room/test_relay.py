"""Calls over a relay only, with credentials that the service makes for its members (R41)."""

from collections.abc import Iterator

import pytest

from infra.local.run_process import LocalRun
from tests.browser.known_member import ahead
from tests.browser.room.conftest import OpenVisitor
from tests.browser.room.coturn import PROGRAM, SECRET, Coturn
from tests.browser.room.meeting import arrange
from tests.browser.room.room_visitor import SOON_SECONDS, meet, see_each_other

pytestmark = [
    # Two browsers with a call take seconds for each test.
    pytest.mark.long,
    pytest.mark.skipif(not PROGRAM, reason="NOT TESTED: no turnserver here (apt-get install coturn)"),
]


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coturn]:
    """A relay with a secret that it shares with the service."""
    with Coturn(tmp_path_factory.mktemp("relay")) as relay:
        yield relay


@pytest.fixture(scope="module")
def run(built_app: None, relay: Coturn) -> Iterator[LocalRun]:
    """A run whose rooms use the relay only."""
    settings = {
        "LOCKSTEP_ICE_URLS": relay.address,
        "LOCKSTEP_TURN_SECRET": SECRET,
        "LOCKSTEP_RELAY_ONLY": "on",
    }
    with LocalRun(**settings) as run:
        yield run


def test_r41_a_call_goes_over_the_relay_only(run: LocalRun, open_visitor: OpenVisitor) -> None:
    meeting = arrange(run, ahead(2, 1))
    meeting.travel(-5)
    ada, ben = open_visitor(meeting.ada, "red"), open_visitor(meeting.ben, "blue")
    for visitor in (ada, ben):
        visitor.open(meeting.room)
    assert meet(ada, ben) < SOON_SECONDS
    for visitor in (ada, ben):
        assert visitor.ways() == ["relay", "relay"]
        # No address of a member's own network is in a signal.
        signalled = visitor.signalled()
        assert ("typ relay" in signalled, "typ host" in signalled) == (True, False)


def test_r41_a_call_survives_a_relay_that_is_switched_off_and_on(
    run: LocalRun, open_visitor: OpenVisitor, relay: Coturn
) -> None:
    meeting = arrange(run, ahead(2, 2))
    meeting.travel(-5)
    ada, ben = open_visitor(meeting.ada, "red"), open_visitor(meeting.ben, "blue")
    for visitor in (ada, ben):
        visitor.open(meeting.room)
    meet(ada, ben)
    relay.switch_off()
    for visitor, partner in ((ada, ben), (ben, ada)):
        visitor.is_shown("The connection is interrupted. We connect again.")
        visitor.loses_sight_of(partner)
    relay.switch_on()
    see_each_other(ada, ben)
    assert {*ada.ways(), *ben.ways()} == {"relay"}
