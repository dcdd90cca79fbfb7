"""The credentials of a room at Debian's coturn, by its own client (R41)."""

import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chalicelib.room_settings import Rooms
from chalicelib.services.rooms.turn_credentials import ice_access
from tests.browser.room.coturn import HOST, PROGRAM, SECRET, Coturn

CLIENT = shutil.which("turnutils_uclient") or ""

# They start a server of Debian's package `coturn`.
pytestmark = [pytest.mark.long, pytest.mark.skipif(not (PROGRAM and CLIENT), reason="coturn is not installed")]


@pytest.fixture
def coturn(tmp_path: Path) -> Iterator[Coturn]:
    with Coturn(tmp_path) as started:
        yield started


@pytest.mark.parametrize(
    ("secret", "lasts", "relays"),
    [
        (SECRET, timedelta(minutes=70), True),
        ("another secret", timedelta(minutes=70), False),
        (SECRET, -timedelta(minutes=1), False),
    ],
)
def test_r41_coturn_relays_for_the_credentials_of_a_room_until_its_end(
    coturn: Coturn, secret: str, lasts: timedelta, relays: bool
) -> None:
    rooms = Rooms(ice_urls=(coturn.address,), turn_secret=secret)
    (access,) = ice_access(rooms, b"key", "ada.session", expires=datetime.now(UTC) + lasts)
    command = [CLIENT, "-y", "-c", "-n", "1", "-m", "1", "-p", f"{coturn.port}"]
    credentials = ["-u", access.username or "", "-w", access.credential or "", HOST]
    ran = subprocess.run([*command, *credentials], capture_output=True, timeout=60, check=False)  # noqa: S603
    assert (ran.returncode == 0) == relays
    assert (b"Cannot complete Allocation" in ran.stdout + ran.stderr) == (not relays)
