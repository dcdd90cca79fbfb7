"""The room of a pair, as one of its members opens it (R41)."""

import hmac
from datetime import datetime

from msgspec import Struct

from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.ids import TOKEN_LENGTH, encode
from chalicelib.domain.model.room_times import closes_at, opens_at
from chalicelib.room_settings import RoomProvider
from chalicelib.services.rooms.jitsi_token import JitsiGuest, jitsi_address
from chalicelib.services.rooms.turn_credentials import IceAccess, ice_access
from chalicelib.settings import Settings


class OpenedRoom(Struct, frozen=True):
    """The address and the credentials that open a room for one member. They are only in the response to joining.

    `ice_servers` is None for a room of another provider than this service.
    """

    provider: RoomProvider
    url: str
    expires_at: datetime
    ice_servers: tuple[IceAccess, ...] | None = None
    relay_only: bool = False


def room_page(settings: Settings, pair_id: str) -> str | None:
    """Return the address of the frontend's page for the room of a pair, None without the address of a frontend.

    It opens nothing by itself, so it may be in a list.
    """
    # A frontend elsewhere has the address of the links in mails.
    frontend = settings.app_url or settings.messaging.public_url
    return f"{frontend}/rooms/{pair_id}" if frontend else None


def room_of(settings: Settings, booking: Booking, name: str) -> OpenedRoom:
    """Return the room of a paired booking for its owner. `name` is the name that the partner sees there."""
    assert booking.partner  # noqa: S101 - the caller passes a paired booking
    pair_id, rooms, closes = booking.partner.pair_id, settings.rooms, closes_at(booking.slot)
    # The provider's webhook names the member and the booking by it.
    user = f"{booking.member_id}.{booking.booking_id}"
    if rooms.provider is RoomProvider.LOCKSTEP:
        # The logs of the TURN servers do not show that it is the same member in the room of a new pair.
        servers = ice_access(rooms, settings.identity_key, f"{user}.{pair_id}", expires=closes)
        url = room_page(settings, pair_id) or ""
        return OpenedRoom(rooms.provider, url, closes, servers, rooms.relay_only)
    name_of_room = room_name(settings.identity_key, pair_id)
    if rooms.provider is RoomProvider.LINK:
        return OpenedRoom(rooms.provider, f"{rooms.url}/{name_of_room}", closes)
    guest = JitsiGuest(user, name, opens_at(booking.slot), closes)
    return OpenedRoom(rooms.provider, jitsi_address(rooms.jitsi, rooms.url, name_of_room, guest), closes)


def is_room_of(settings: Settings, booking: Booking, name: str) -> bool:
    """Return whether a name is that of a paired booking's room at a provider, which may change its letter case."""
    assert booking.partner  # noqa: S101 - the caller passes a paired booking
    return name.lower() == room_name(settings.identity_key, booking.partner.pair_id)


def room_name(key: bytes, pair_id: str) -> str:
    """Return the name of a pair's room at a provider, which does not follow from the id of the pair (R41)."""
    return encode(hmac.digest(key, f"room {pair_id}".encode(), "sha256"), TOKEN_LENGTH)
