"""The settings of the rooms of a deployment (R41)."""

import re
from enum import StrEnum

from msgspec import Struct

from chalicelib.variables import Misconfigured, Variables

ICE_URL = r"(stuns?|turns?):[A-Za-z0-9.\[\]:-]+(\?transport=(udp|tcp))?"
# A base address of rooms: it has neither a query nor a fragment, since the name of a room follows.
ROOMS_URL = r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~%/-]*)?"
PRIVATE_KEY = r"-----BEGIN (RSA )?PRIVATE KEY-----.*-----END (RSA )?PRIVATE KEY-----\s*"
# The two prime numbers of an RSA key. All variables of a function together have at most 4 KiB, and a key in PEM has 3.
PRIMES = r"rsa:[A-Za-z0-9_-]{100,}\.[A-Za-z0-9_-]{100,}"
# PyJWT warns of shorter secrets. A member could find a shorter one of TURN servers from the own credentials.
LEAST_SECRET = 32
LEAST_WEBHOOK_SECRET = 24

ROOM_VARIABLES = (
    "LOCKSTEP_ROOM_PROVIDER",
    "LOCKSTEP_ROOM_URL",
    "LOCKSTEP_ROOM_WEBHOOK_SECRET",
    "LOCKSTEP_ICE_URLS",
    "LOCKSTEP_TURN_SECRET",
    "LOCKSTEP_RELAY_ONLY",
    "LOCKSTEP_JITSI_APP_ID",
    "LOCKSTEP_JITSI_KEY_ID",
    "LOCKSTEP_JITSI_KEY",
)


class RoomProvider(StrEnum):
    """The kinds of rooms, as the API names them.

    `lockstep` is the room page of the web app, `jitsi` a Jitsi server with tokens, and `link` an address with a prefix.
    """

    LOCKSTEP = "lockstep"
    JITSI = "jitsi"
    LINK = "link"


class Jitsi(Struct, frozen=True):
    """The key with which tokens for a Jitsi server are signed.

    A server of one's own has a secret in common with this service. The hosted service of Jitsi knows the public key by
    its `key_id`, which is empty for a server of one's own.
    """

    app_id: str = ""
    key: str = ""
    key_id: str = ""


class Rooms(Struct, frozen=True):
    """The rooms of a deployment. Settings of other providers than the chosen one have no effect.

    `url` is the base address of the rooms of a Jitsi server or of links, and `jitsi` the key for its tokens. Browsers
    that connect to each other use the STUN and TURN servers of `ice_urls`. `turn_secret` is what this service and the
    TURN servers have in common. With `relay_only` all media go through a TURN server.
    `webhook_secret` is the secret with which the provider signs its webhooks, empty without webhooks (R37).
    """

    provider: RoomProvider = RoomProvider.LOCKSTEP
    url: str = ""
    webhook_secret: str = ""
    ice_urls: tuple[str, ...] = ()
    turn_secret: str = ""
    relay_only: bool = False
    jitsi: Jitsi = Jitsi()


def rooms_from(variables: Variables) -> Rooms:
    """Return the settings of rooms.

    Raises Misconfigured for an unknown provider, and for a setting of the provider that is missing or invalid.
    """
    text = variables.text
    provider = text("LOCKSTEP_ROOM_PROVIDER")
    if provider not in set(RoomProvider):
        raise Misconfigured(f"LOCKSTEP_ROOM_PROVIDER is none of {', '.join(RoomProvider)}: {provider!r}")
    rooms = Rooms(
        RoomProvider(provider),
        url=text("LOCKSTEP_ROOM_URL").rstrip("/"),
        webhook_secret=text("LOCKSTEP_ROOM_WEBHOOK_SECRET"),
        ice_urls=variables.list("LOCKSTEP_ICE_URLS"),
        turn_secret=text("LOCKSTEP_TURN_SECRET"),
        relay_only=variables.switch("LOCKSTEP_RELAY_ONLY"),
        jitsi=Jitsi(
            text("LOCKSTEP_JITSI_APP_ID"),
            # Some consoles for settings keep no line breaks.
            text("LOCKSTEP_JITSI_KEY").replace("\\n", "\n"),
            text("LOCKSTEP_JITSI_KEY_ID"),
        ),
    )
    if rooms.webhook_secret and len(rooms.webhook_secret) < LEAST_WEBHOOK_SECRET:
        raise Misconfigured(f"LOCKSTEP_ROOM_WEBHOOK_SECRET has fewer than {LEAST_WEBHOOK_SECRET} characters")
    if rooms.provider is RoomProvider.LOCKSTEP:
        _check_ice_servers(rooms)
        return rooms
    if not re.fullmatch(ROOMS_URL, variables.needed("LOCKSTEP_ROOM_URL")):
        raise Misconfigured(f"LOCKSTEP_ROOM_URL is not an address such as https://rooms.example: {rooms.url!r}")
    if rooms.provider is RoomProvider.JITSI:
        variables.needed("LOCKSTEP_JITSI_APP_ID")
        variables.needed("LOCKSTEP_JITSI_KEY")
        _check_jitsi(rooms.jitsi)
    return rooms


def is_turn(url: str) -> bool:
    """Return whether the address of an ICE server is that of a TURN server, which relays media."""
    return url.startswith("turn")


def _check_ice_servers(rooms: Rooms) -> None:
    for url in rooms.ice_urls:
        if not re.fullmatch(ICE_URL, url):
            raise Misconfigured(
                f"LOCKSTEP_ICE_URLS holds {url!r}, which is no address such as turn:turn.example:3478?transport=udp"
            )
    has_turn = any(map(is_turn, rooms.ice_urls))
    if has_turn and not rooms.turn_secret:
        raise Misconfigured("LOCKSTEP_TURN_SECRET is not set, and LOCKSTEP_ICE_URLS has a TURN server")
    if has_turn and len(rooms.turn_secret) < LEAST_SECRET:
        raise Misconfigured(f"LOCKSTEP_TURN_SECRET has fewer than {LEAST_SECRET} characters")
    if rooms.turn_secret and not has_turn:
        raise Misconfigured("LOCKSTEP_TURN_SECRET is set, and LOCKSTEP_ICE_URLS has no TURN server")
    if rooms.relay_only and not has_turn:
        raise Misconfigured("LOCKSTEP_RELAY_ONLY is on, and LOCKSTEP_ICE_URLS has no TURN server")


def _check_jitsi(jitsi: Jitsi) -> None:
    is_private_key = re.fullmatch(f"{PRIVATE_KEY}|{PRIMES}", jitsi.key, re.DOTALL) is not None
    if jitsi.key_id and not is_private_key:
        raise Misconfigured("LOCKSTEP_JITSI_KEY is not an RSA private key in PEM, and LOCKSTEP_JITSI_KEY_ID names one")
    if is_private_key and not jitsi.key_id:
        raise Misconfigured("LOCKSTEP_JITSI_KEY_ID is not set, and LOCKSTEP_JITSI_KEY is a private key")
    if not jitsi.key_id and len(jitsi.key) < LEAST_SECRET:
        raise Misconfigured(f"LOCKSTEP_JITSI_KEY has fewer than {LEAST_SECRET} characters")
