"""The ICE servers of a room (R41)."""

import base64
import hashlib
import hmac

from chalicelib.room_settings import Rooms
from chalicelib.services.rooms.turn_credentials import IceAccess, ice_access
from tests.harness import at

END = at(1).end
TURN = ("turn:turn.example:3478?transport=udp", "turns:turn.example:5349")
ROOMS = Rooms(ice_urls=("stun:stun.example:3478", *TURN), turn_secret="shared")


def credential_at_coturn(secret: str, username: str) -> str:
    """Return the password that coturn computes for a username (`use-auth-secret`)."""
    return base64.b64encode(hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()).decode()


def test_r41_turn_credentials_are_those_that_coturn_computes_and_end_with_the_room() -> None:
    stun, turn = ice_access(ROOMS, b"key", "ada.session.pair", expires=END)
    assert stun == IceAccess(("stun:stun.example:3478",))
    assert (turn.urls, turn.username) == (TURN, turn.username)
    assert turn.username
    expiry, opaque = turn.username.split(":")
    assert int(expiry) == END.timestamp()
    assert turn.credential == credential_at_coturn("shared", turn.username)
    assert not {"ada", "session", "pair"} & set(opaque.split("."))


def test_r41_turn_usernames_differ_by_user_and_do_not_follow_from_the_id() -> None:
    names = [
        ice_access(ROOMS, key, user, expires=END)[-1].username
        for key, user in ((b"key", "ada"), (b"key", "ben"), (b"other", "ada"), (b"key", "ada"))
    ]
    assert len(set(names)) == 3
    assert names[0] == names[3]


def test_r41_without_servers_browsers_use_their_own_addresses() -> None:
    assert ice_access(Rooms(), b"key", "ada", expires=END) == ()
    only_stun = Rooms(ice_urls=("stun:stun.example",))
    assert ice_access(only_stun, b"key", "ada", expires=END) == (IceAccess(("stun:stun.example",)),)
