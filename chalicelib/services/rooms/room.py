"""The room of a pair, as one of its members opens it (R41)."""

import hmac
from datetime import datetime

from msgspec import Struct

from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.ids import TOKEN_LENGTH, encode
from chalicelib.domain.model.room_times import closes_at
from chalicelib.room_settings import RoomProvider
from chalicelib.settings import Settings


class Room(Struct, frozen=True):
    """What opens the room for one member. It is only in the response to joining."""

    provider: RoomProvider
    url: str
    expires_at: datetime


def room_page(settings: Settings, pair_id: str) -> str | None:
    """Return the address of the web app's page for the room of a pair, None without a web app.

    It opens nothing by itself, so it may be in a list.
    """
    return f"{settings.app_url}/rooms/{pair_id}" if settings.app_url else None


def room_of(settings: Settings, booking: Booking) -> Room:
    """Return the room of a paired booking for its owner."""
    assert booking.partner  # noqa: S101 - the caller passes a paired booking
    pair_id, rooms = booking.partner.pair_id, settings.rooms
    if rooms.provider is RoomProvider.LOCKSTEP:
        url = room_page(settings, pair_id) or ""
    else:
        url = f"{rooms.url}/{room_name(settings.identity_key, pair_id)}"
    return Room(rooms.provider, url, closes_at(booking.slot))


def is_room_of(settings: Settings, booking: Booking, name: str) -> bool:
    """Return whether a name is that of a paired booking's room at a provider, which may change its letter case."""
    assert booking.partner  # noqa: S101 - the caller passes a paired booking
    return name.lower() == room_name(settings.identity_key, booking.partner.pair_id)


def room_name(key: bytes, pair_id: str) -> str:
    """Return the name of a pair's room at a provider, which does not follow from the id of the pair (R41)."""
    return encode(hmac.digest(key, f"room {pair_id}".encode(), "sha256"), TOKEN_LENGTH)
