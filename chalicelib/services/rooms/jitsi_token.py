"""The token with which a Jitsi server lets one member into one room (R41)."""

from base64 import urlsafe_b64decode
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from chalicelib.room_settings import Jitsi

# The hosted service takes these names for every app. A server of one's own is set up with the first one.
AUDIENCE, HOSTED_ISSUER = "jitsi", "chat"
FEATURES = ("recording", "livestreaming", "transcription", "outbound-call", "sip-outbound-call")
EXPONENT = 65537


class JitsiGuest(Struct, frozen=True):
    """The member who enters a room, and the times between which the server lets the member in.

    The server repeats the id in its webhooks. The name is seen by the partner.
    """

    user_id: str
    name: str
    opens: datetime
    closes: datetime


def jitsi_address(jitsi: Jitsi, url: str, room: str, guest: JitsiGuest) -> str:
    """Return the address that opens a room for a guest, with the token in it."""
    tenant = f"/{jitsi.app_id}" if jitsi.key_id else ""
    return f"{url}{tenant}/{room}?jwt={jitsi_token(jitsi, url, room, guest)}"


def jitsi_token(jitsi: Jitsi, url: str, room: str, guest: JitsiGuest) -> str:
    """Return the token of a guest, by RS256 with a key id for the hosted service, and by HS256 for another server."""
    # Imported with the first room, because it imports cryptography.
    import jwt

    claims = {
        "aud": AUDIENCE,
        "room": room,
        "nbf": int(guest.opens.timestamp()),
        "exp": int(guest.closes.timestamp()),
    }
    user = {"id": guest.user_id, "name": guest.name}
    if not jitsi.key_id:
        own = {"iss": jitsi.app_id, "sub": urlsplit(url).hostname, "context": {"user": user}}
        return jwt.encode(claims | own, jitsi.key, algorithm="HS256")
    # Of two equal members neither moderates, and the features need a moderator besides.
    context = {"user": user | {"moderator": "false"}, "features": dict.fromkeys(FEATURES, "false")}
    hosted = {"iss": HOSTED_ISSUER, "sub": jitsi.app_id, "context": context}
    key_id = jitsi.key_id if "/" in jitsi.key_id else f"{jitsi.app_id}/{jitsi.key_id}"
    return jwt.encode(claims | hosted, private_key(jitsi.key), algorithm="RS256", headers={"kid": key_id})


def private_key(text: str) -> Any:
    """Return the RSA key of a text in PEM, or of its two prime numbers. Raises ValueError for any other text."""
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    if not text.startswith("rsa:"):
        return load_pem_private_key(text.encode(), None)
    p, q = (int.from_bytes(urlsafe_b64decode(prime + "=="), "big") for prime in text.removeprefix("rsa:").split("."))
    d = pow(EXPONENT, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(EXPONENT, p * q)
    derived = (rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q))
    return rsa.RSAPrivateNumbers(p, q, d, *derived, public).private_key()
