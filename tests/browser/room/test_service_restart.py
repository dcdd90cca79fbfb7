"""A call while the service is killed and started again on its engine (R41)."""

import signal
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from infra.local.engine import Engine
from infra.local.run_process import LocalRun
from tests.browser.known_member import ahead
from tests.browser.network.browser_proxy import BrowserProxy
from tests.browser.room.conftest import OpenVisitor
from tests.browser.room.meeting import arrange
from tests.browser.room.room_visitor import RoomVisitor, meet, see_each_other

# Two browsers and two starts of the service take seconds.
pytestmark = pytest.mark.long

CUT = ["net::ERR_", "status of 503", "WebSocket connection to"]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """An engine that outlives its runs."""
    with Engine() as engine:
        yield engine


@pytest.fixture(scope="module")
def run(built_app: None, engine: Engine) -> Iterator[LocalRun]:
    """A run that the test kills."""
    with LocalRun(LOCKSTEP_ENGINE=engine.url) as run:
        yield run


def test_r41_a_call_survives_a_restart_of_the_service(
    run: LocalRun, engine: Engine, open_visitor: OpenVisitor, proxy: BrowserProxy
) -> None:
    meeting = arrange(run, ahead(2, 1))
    meeting.travel(-5)
    ada = open_visitor(meeting.ada, "red", *proxy.arguments)
    ben = open_visitor(meeting.ben, "blue", *proxy.arguments)
    for visitor in (ada, ben):
        visitor.page.allowed_messages += CUT
        visitor.open(meeting.room)
    meet(ada, ben)
    # The clock of a new run is real time, in which the room is not open. So no page sees it before it is set.
    proxy.refuses_all = True
    run.end(signal.SIGKILL)
    for visitor in (ada, ben):
        visitor.page.sees("Live updates are paused.")
    see_each_other(ada, ben)
    with LocalRun(LOCKSTEP_ENGINE=engine.url, PORT=str(urlsplit(run.url).port)):
        meeting.travel(-4)
        proxy.refuses_all = False
        for visitor in (ada, ben):
            visitor.page.sees_no_more("Live updates are paused.")
        see_each_other(ada, ben)
        reload_and_meet(ben, ada)
        for visitor in (ada, ben):
            visitor.page.browser.get("about:blank")


def reload_and_meet(one: RoomVisitor, other: RoomVisitor) -> None:
    """Reload one page, which needs the signals of the new run, and wait until both see each other."""
    one.page.browser.refresh()
    one.join()
    see_each_other(one, other)
