"""Cursors: where the next page of a list begins, signed so that one that was changed is refused."""

import base64
import binascii
import hashlib
import hmac

from chalicelib.domain.model.errors import InvalidCursor

_MAC_BYTES = 12


def sign(key: bytes, scope: str, position: str) -> str:
    """A cursor for a position in the list that `scope` names: whose, which, and over which range."""
    return base64.urlsafe_b64encode(_mac(key, scope, position) + position.encode()).decode().rstrip("=")


def position_in(key: bytes, scope: str, cursor: str | None) -> str | None:
    """The position a cursor stands for, None for the beginning. Raises InvalidCursor for any other."""
    if cursor is None:
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        position = raw[_MAC_BYTES:].decode()
    except (binascii.Error, ValueError) as error:
        raise InvalidCursor(field="cursor") from error
    # Spelled as it was handed out: base 64 has more than one spelling for the same bytes.
    if not hmac.compare_digest(cursor.encode(), sign(key, scope, position).encode()):
        raise InvalidCursor(field="cursor")
    return position


def _mac(key: bytes, scope: str, position: str) -> bytes:
    return hmac.digest(key, f"{scope}\n{position}".encode(), hashlib.sha256)[:_MAC_BYTES]
