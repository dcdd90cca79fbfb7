"""The tokens in the links of mails, which are stored nowhere (R43).

A token is valid for one member and one address, so that it ends with a change of the address.
"""

import hmac
import re
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from chalicelib.domain.model.derived_secrets import derived_secret
from chalicelib.domain.model.ids import TOKEN_LENGTH, encode, is_member_id
from chalicelib.domain.model.mail_address import comparable

# The time for which the link of a verification mail works.
VERIFICATION_LASTS = timedelta(hours=24)
_VERIFY, _UNSUBSCRIBE, _ADDRESS = "verify", "unsubscribe", "address"
# A number in its only spelling, so that each token has one text.
_DIGITS = re.compile(r"(?:0|[1-9][0-9]{0,10})\Z")


class MailToken(Struct, frozen=True):
    """A parsed token of a link. `expires_at` is in seconds since 1970, and 0 for a link without an end."""

    member_id: str
    expires_at: int
    signature: str

    def is_expired(self, now: datetime) -> bool:
        """Return whether the link has ended."""
        return self.expires_at <= now.timestamp()


def verification_token(key: bytes, member_id: str, address: str, now: datetime) -> str:
    """Return the token of a verification mail to a new address, valid for 24 hours."""
    expires_at = int((now + VERIFICATION_LASTS).astimezone(UTC).timestamp())
    return f"{member_id}-{expires_at}-{_signature(key, _VERIFY, member_id, address, expires_at)}"


def unsubscribe_token(key: bytes, member_id: str, address: str) -> str:
    """Return the token of the link that ends the mails to an address. It has no end (RFC 8058)."""
    return f"{member_id}-0-{_signature(key, _UNSUBSCRIBE, member_id, address, 0)}"


def parse_token(text: str) -> MailToken | None:
    """Return the parts of a token, None for a text of another form. The signature is not checked yet."""
    parts = text.split("-")
    if len(parts) != 3 or not is_member_id(parts[0]) or not _DIGITS.match(parts[1]):
        return None
    return MailToken(parts[0], int(parts[1]), parts[2])


def verifies(token: MailToken, key: bytes, address: str, now: datetime) -> bool:
    """Return whether a token proves that its holder reads the mails to the address."""
    expected = _signature(key, _VERIFY, token.member_id, address, token.expires_at)
    return _is_equal(token.signature, expected) and not token.is_expired(now)


def unsubscribes(token: MailToken, key: bytes, address: str) -> bool:
    """Return whether a token may end the mails to the address."""
    return _is_equal(token.signature, _signature(key, _UNSUBSCRIBE, token.member_id, address, token.expires_at))


def address_digest(key: bytes, address: str) -> str:
    """Return a keyed digest of an address, from which the address cannot be found by trying."""
    return derived_secret(key, _ADDRESS, comparable(address)).hex()


def _signature(key: bytes, purpose: str, member_id: str, address: str, expires_at: int) -> str:
    return encode(derived_secret(key, purpose, f"{member_id}\n{expires_at}\n{address}"), TOKEN_LENGTH)


def _is_equal(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(errors="replace"), expected.encode())
