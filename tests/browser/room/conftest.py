"""A run whose clock the tests move, and browsers with fake cameras."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra.local.run_process import LocalRun
from tests.browser.conftest import OpenMember
from tests.browser.known_member import KnownMember
from tests.browser.network.browser_proxy import BrowserProxy
from tests.browser.room.camera_film import write_film
from tests.browser.room.page_recorder import record_pages
from tests.browser.room.room_visitor import RoomVisitor

CALLS = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    # A browser without a permission hides its addresses behind names of the local network, which tests cannot resolve.
    "--disable-features=WebRtcHideLocalIpsWithMdns",
)

OpenVisitor = Callable[..., RoomVisitor]


@pytest.fixture(scope="session")
def run(built_app: None) -> Iterator[LocalRun]:
    """A run of these tests only, because they move its clock."""
    with LocalRun() as run:
        yield run


@pytest.fixture
def open_visitor(open_member: OpenMember, tmp_path: Path) -> OpenVisitor:
    """A function that opens a browser with a camera of one colour, in which a member signs in."""

    def open_visitor(member: KnownMember, colour: str, *arguments: str) -> RoomVisitor:
        film = write_film(tmp_path / f"{colour}.y4m", colour)
        page = open_member(*CALLS, f"--use-file-for-fake-video-capture={film}", *arguments)
        record_pages(page.browser)
        member.sign_in(page, "/settings")
        return RoomVisitor(member, page, colour)

    return open_visitor


@pytest.fixture
def proxy() -> Iterator[BrowserProxy]:
    """A proxy between one browser and the service."""
    with BrowserProxy() as proxy:
        yield proxy
