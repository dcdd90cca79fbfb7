"""The settings of rooms, read from an environment (R41)."""

import pytest

from chalicelib.room_settings import Jitsi, RoomProvider, Rooms, rooms_from
from chalicelib.settings import DEFAULTS
from chalicelib.variables import Misconfigured, Variables
from tests.services.rooms.keys import key_pair

SECRET = "s" * 32
TURN = "turn:turn.example:3478?transport=udp"


def rooms(**values: str) -> Rooms:
    return rooms_from(Variables({f"LOCKSTEP_{name}": value for name, value in values.items()}, DEFAULTS))


def test_the_rooms_of_a_deployment_are_its_own_unless_set() -> None:
    assert rooms() == Rooms(RoomProvider.LOCKSTEP)
    # Settings of another provider may be unfinished.
    assert rooms(ROOM_URL="meet", JITSI_KEY="short").provider is RoomProvider.LOCKSTEP
    assert rooms(ROOM_PROVIDER="link", ROOM_URL="https://rooms.example", ICE_URLS="none").provider is RoomProvider.LINK


def test_own_rooms_have_ice_servers() -> None:
    found = rooms(ICE_URLS=f"stun:stun.example:3478, {TURN},turns:[2001:db8::1]:5349", TURN_SECRET=SECRET)
    assert found == Rooms(
        ice_urls=("stun:stun.example:3478", TURN, "turns:[2001:db8::1]:5349"), turn_secret=SECRET, relay_only=False
    )
    assert rooms(ICE_URLS=TURN, TURN_SECRET=SECRET, RELAY_ONLY="on").relay_only


def test_rooms_of_links_have_an_address() -> None:
    assert rooms(ROOM_PROVIDER="link", ROOM_URL="https://rooms.example/a/") == Rooms(
        RoomProvider.LINK, "https://rooms.example/a"
    )


def test_rooms_of_jitsi_have_a_secret_or_a_private_key() -> None:
    private, _ = key_pair()
    jitsi = {"ROOM_PROVIDER": "jitsi", "ROOM_URL": "https://meet.example", "JITSI_APP_ID": "app"}
    assert rooms(**jitsi, JITSI_KEY=SECRET).jitsi == Jitsi("app", SECRET)
    for key in (private, private.replace("\n", "\\n")):
        hosted = rooms(**jitsi, JITSI_KEY=key.strip(), JITSI_KEY_ID="one").jitsi
        assert (hosted.app_id, hosted.key.strip(), hosted.key_id) == ("app", private.strip(), "one")


JITSI = {
    "ROOM_PROVIDER": "jitsi",
    "ROOM_URL": "https://meet.example",
    "JITSI_APP_ID": "app",
    "JITSI_KEY": SECRET,
}


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"ROOM_PROVIDER": "zoom"}, "LOCKSTEP_ROOM_PROVIDER is none of lockstep, jitsi, link: 'zoom'"),
        ({"ROOM_PROVIDER": ""}, "LOCKSTEP_ROOM_PROVIDER is none of"),
        ({"ICE_URLS": "turn.example:3478"}, "LOCKSTEP_ICE_URLS holds 'turn.example:3478'"),
        ({"ICE_URLS": "turn:turn.example?transport=sctp", "TURN_SECRET": "s"}, "LOCKSTEP_ICE_URLS holds"),
        ({"ICE_URLS": "https://turn.example"}, "LOCKSTEP_ICE_URLS holds"),
        ({"ICE_URLS": TURN}, "LOCKSTEP_TURN_SECRET is not set, and LOCKSTEP_ICE_URLS has a TURN server"),
        ({"ICE_URLS": TURN, "TURN_SECRET": "s" * 31}, "LOCKSTEP_TURN_SECRET has fewer than 32 characters"),
        ({"TURN_SECRET": "s"}, "LOCKSTEP_TURN_SECRET is set, and LOCKSTEP_ICE_URLS has no TURN server"),
        ({"ICE_URLS": "stun:a.example", "TURN_SECRET": "s"}, "LOCKSTEP_TURN_SECRET is set"),
        ({"RELAY_ONLY": "on"}, "LOCKSTEP_RELAY_ONLY is on, and LOCKSTEP_ICE_URLS has no TURN server"),
        ({"RELAY_ONLY": "yes"}, "LOCKSTEP_RELAY_ONLY is neither on nor off: 'yes'"),
        ({"ROOM_WEBHOOK_SECRET": "s" * 23}, "LOCKSTEP_ROOM_WEBHOOK_SECRET has fewer than 24 characters"),
        ({"ROOM_PROVIDER": "link"}, "LOCKSTEP_ROOM_URL is not set"),
        ({"ROOM_PROVIDER": "link", "ROOM_URL": "rooms.example"}, "LOCKSTEP_ROOM_URL is not an address"),
        ({"ROOM_PROVIDER": "link", "ROOM_URL": "https://rooms.example?a="}, "LOCKSTEP_ROOM_URL is not an address"),
        (JITSI | {"ROOM_URL": ""}, "LOCKSTEP_ROOM_URL is not set"),
        (JITSI | {"JITSI_APP_ID": ""}, "LOCKSTEP_JITSI_APP_ID is not set"),
        (JITSI | {"JITSI_KEY": ""}, "LOCKSTEP_JITSI_KEY is not set"),
        (JITSI | {"JITSI_KEY": "s" * 31}, "LOCKSTEP_JITSI_KEY has fewer than 32 characters"),
        (JITSI | {"JITSI_KEY_ID": "one"}, "LOCKSTEP_JITSI_KEY is not an RSA private key in PEM"),
        (JITSI | {"JITSI_KEY": key_pair()[0]}, "LOCKSTEP_JITSI_KEY_ID is not set"),
        (JITSI | {"JITSI_KEY": key_pair()[1], "JITSI_KEY_ID": "one"}, "LOCKSTEP_JITSI_KEY is not an RSA private key"),
    ],
)
def test_each_missing_or_invalid_setting_of_rooms_is_named(values: dict[str, str], named: str) -> None:
    with pytest.raises(Misconfigured, match=f"^{named}"):
        rooms(**values)
