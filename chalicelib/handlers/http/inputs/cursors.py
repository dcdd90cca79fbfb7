"""Signed cursors, each for the next page of one list. A changed cursor is refused."""

import base64
import binascii
import hashlib
import hmac

from chalicelib.domain.model.errors import InvalidCursor

_MAC_BYTES = 12


def sign(key: bytes, scope: str, position: str) -> str:
    """Return the cursor of a position in the list `scope`, which names the owner, the list and its range."""
    return base64.urlsafe_b64encode(_mac(key, scope, position) + position.encode()).decode().rstrip("=")


def position_in(key: bytes, scope: str, cursor: str | None, field: str = "cursor") -> str | None:
    """Return the position of a cursor, None without one.

    Raises InvalidCursor, with the name of the `field`, for one of another list or key.
    """
    if cursor is None:
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        position = raw[_MAC_BYTES:].decode()
    except (binascii.Error, ValueError) as error:
        raise InvalidCursor(field=field) from error
    # The comparison is of texts: base64 has several encodings of the same bytes, and only the issued one is valid.
    if not hmac.compare_digest(cursor.encode(), sign(key, scope, position).encode()):
        raise InvalidCursor(field=field)
    return position


def _mac(key: bytes, scope: str, position: str) -> bytes:
    return hmac.digest(key, f"{scope}\n{position}".encode(), hashlib.sha256)[:_MAC_BYTES]
