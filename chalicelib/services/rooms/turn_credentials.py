"""The ICE servers of a room, with credentials for its TURN servers that end with the room (R41).

The scheme is the shared secret of coturn's REST API: the username has the end as Unix time, and the password is its
HMAC-SHA1 with the secret. A TURN server needs no list of users, and this service no connection to it.
"""

import hmac
from base64 import b64encode
from datetime import datetime

from msgspec import Struct

from chalicelib.domain.model.ids import TOKEN_LENGTH, encode
from chalicelib.room_settings import Rooms, is_turn


class IceAccess(Struct, frozen=True):
    """Addresses of ICE servers, with the credentials of TURN servers."""

    urls: tuple[str, ...]
    username: str | None = None
    credential: str | None = None


def ice_access(rooms: Rooms, key: bytes, user: str, *, expires: datetime) -> tuple[IceAccess, ...]:
    """Return the ICE servers for a user until the end of a room. Their logs do not show who the user is."""
    stun = tuple(url for url in rooms.ice_urls if not is_turn(url))
    turn = tuple(filter(is_turn, rooms.ice_urls))
    opaque = encode(hmac.digest(key, f"turn {user}".encode(), "sha256"), TOKEN_LENGTH)
    username = f"{int(expires.timestamp())}:{opaque}"
    credential = b64encode(hmac.digest(rooms.turn_secret.encode(), username.encode(), "sha1")).decode()
    return (
        *((IceAccess(stun),) if stun else ()),
        *((IceAccess(turn, username, credential),) if turn else ()),
    )
