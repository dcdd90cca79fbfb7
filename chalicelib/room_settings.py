"""The settings of the rooms of a deployment (R41)."""

from enum import StrEnum

from msgspec import Struct


class RoomProvider(StrEnum):
    """The kinds of rooms, as the API names them.

    `lockstep` is the room page of the web app, `jitsi` a Jitsi server with tokens, and `link` an address with a prefix.
    """

    LOCKSTEP = "lockstep"
    JITSI = "jitsi"
    LINK = "link"


class Rooms(Struct, frozen=True):
    """The rooms of a deployment. `url` is the base address of the rooms of a Jitsi server or of links.

    `webhook_secret` is the secret with which the provider signs its webhooks, empty without webhooks (R37).
    """

    provider: RoomProvider = RoomProvider.LOCKSTEP
    url: str = ""
    webhook_secret: str = ""
