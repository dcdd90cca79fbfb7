"""Messages of Web Push, encrypted for one browser and signed for its push service.

RFC 8291 defines the encryption, RFC 8188 its content coding, and RFC 8292 the signature (VAPID). The push service
cannot read a message.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from functools import cache
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec import Struct

SALT_BYTES = 16
AUTH_BYTES = 16
# An uncompressed point of P-256.
POINT_BYTES = 65
SCALAR_BYTES = 32
# The body that every push service accepts (RFC 8030, section 7.2) also holds a header, a delimiter and a tag.
MOST_BODY_BYTES = 4096
MOST_TEXT_BYTES = MOST_BODY_BYTES - SALT_BYTES - 4 - 1 - POINT_BYTES - 1 - 16
# A signature is valid for at most a day (RFC 8292, section 2).
SIGNED_FOR = timedelta(hours=12)

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class BrowserKeys(Struct, frozen=True):
    """The keys of a push subscription, its point of P-256 and its secret, both in base64url."""

    p256dh: str
    auth: str


class PushSender(Struct, frozen=True):
    """The sender of messages to the push services.

    `secret` is the scalar of its key, and `contact` an address at which the operators of push services reach it.
    """

    secret: bytes
    contact: str


class Randomness(Struct, frozen=True):
    """The random bytes of one message, its salt and the scalar of its key."""

    salt: bytes
    scalar: bytes


class PushMessage(Struct, frozen=True):
    """A message and how its push service keeps it.

    The push service keeps it for `lasting` at most while the browser is away, and of one `topic` only the latest.
    """

    text: bytes
    topic: str
    lasting: timedelta
    urgent: bool


def push_headers(endpoint: str, message: PushMessage, sender: PushSender, now: datetime) -> dict[str, str]:
    """Return the headers of the request that sends a message to an endpoint."""
    parts = urlsplit(endpoint)
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": now + SIGNED_FOR, "sub": sender.contact}
    token = jwt.encode(claims, _key_of(sender.secret), algorithm="ES256")
    return {
        "Authorization": f"vapid t={token}, k={public_key(sender.secret)}",
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(int(message.lasting.total_seconds())),
        "Topic": message.topic,
        "Urgency": "high" if message.urgent else "normal",
    }


def encrypted(text: bytes, browser: BrowserKeys, randomness: Randomness) -> bytes:
    """Return a text as the body of a request, which only the browser with these keys can read.

    Raises ValueError for keys that are none.
    """
    key, receiver = _key_of(randomness.scalar), decoded(browser.p256dh)
    own = _point(key)
    shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), receiver))
    secret = _derived(shared, decoded(browser.auth), b"WebPush: info\0" + receiver + own, 32)
    content_key = _derived(secret, randomness.salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(secret, randomness.salt, b"Content-Encoding: nonce\0", 12)
    header = randomness.salt + MOST_BODY_BYTES.to_bytes(4) + bytes([len(own)]) + own
    # The delimiter of the last record.
    return header + AESGCM(content_key).encrypt(nonce, text + b"\2", None)


@cache
def public_key(secret: bytes) -> str:
    """Return the public key to a secret in base64url, as browsers expect it for a subscription."""
    return encoded(_point(_key_of(secret)))


def is_point(text: str) -> bool:
    """Return whether a text is a point of P-256 in base64url, uncompressed."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(text))
        return len(decoded(text)) == POINT_BYTES
    except ValueError:
        return False


def is_secret(text: str) -> bool:
    """Return whether a text is the secret of a browser in base64url."""
    try:
        return len(decoded(text)) == AUTH_BYTES
    except ValueError:
        return False


def decoded(text: str) -> bytes:
    """Return the bytes of a base64url text, with or without padding. Raises ValueError for any other text."""
    unpadded = text.rstrip("=")
    content = urlsafe_b64decode(unpadded + "=" * (-len(unpadded) % 4))
    if encoded(content) != unpadded:
        raise ValueError(text)
    return content


def encoded(content: bytes) -> str:
    """Return bytes in base64url without padding."""
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _key_of(secret: bytes) -> ec.EllipticCurvePrivateKey:
    """Return the key with a secret as its scalar, brought into the range of scalars."""
    return ec.derive_private_key(int.from_bytes(secret) % (_ORDER - 1) + 1, ec.SECP256R1())


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _derived(secret: bytes, salt: bytes, purpose: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, purpose).derive(secret)
