"""The signature of a webhook of a room provider, which takes the place of credentials (R37).

Two forms are accepted: that of Standard Webhooks, and that of Jitsi as a Service. Both sign the time with the body.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from msgspec import Struct

# The longest time between the signing and the receipt of a webhook, by clocks that may differ.
MAX_AGE = timedelta(minutes=5)
# The prefix of the secrets of Standard Webhooks. The rest is the key in base 64.
SECRET_PREFIX = "whsec_"  # noqa: S105 - the prefix of all secrets
_SECONDS = re.compile(r"[0-9]{1,11}\Z")


class _Signature(Struct, frozen=True):
    """The parts of a signature. `signatures` has several while the secret is replaced."""

    key: bytes
    prefix: str
    timestamp: str
    signatures: frozenset[str]

    def is_valid(self, body: bytes, now: datetime) -> bool:
        """Return whether one of the signatures is that of the body, and was made within 5 minutes of `now`."""
        if not _SECONDS.match(self.timestamp):
            return False
        signed_at = datetime.fromtimestamp(int(self.timestamp), UTC)
        signed = f"{self.prefix}{self.timestamp}.".encode() + body
        expected = base64.b64encode(hmac.digest(self.key, signed, "sha256"))
        # Every signature is compared in constant time, also an old one.
        known = [hmac.compare_digest(expected, signature.encode()) for signature in self.signatures]
        return any(known) and abs(now - signed_at) <= MAX_AGE


def is_signed(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Return whether a webhook was signed with the secret within 5 minutes of `now`, in one of the two forms."""
    return any(form(secret, headers).is_valid(body, now) for form in (_standard, _jaas))


def _standard(secret: str, headers: Mapping[str, str]) -> _Signature:
    """Return the signature in the form of Standard Webhooks, `v1,<base 64>` separated by spaces."""
    signatures = (part.partition(",") for part in headers.get("webhook-signature", "").split())
    return _Signature(
        _standard_key(secret),
        f"{headers.get('webhook-id', '')}.",
        headers.get("webhook-timestamp", ""),
        frozenset(signature for scheme, _, signature in signatures if scheme == "v1"),
    )


def _standard_key(secret: str) -> bytes:
    """Return the key of a secret, which is in base 64 after the prefix of Standard Webhooks."""
    if secret.startswith(SECRET_PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
        except binascii.Error:
            """The secret is a text with that prefix."""
    return secret.encode()


def _jaas(secret: str, headers: Mapping[str, str]) -> _Signature:
    """Return the signature in the form of Jitsi as a Service, `t=<seconds>,v1=<base 64>`. The secret is the key."""
    parts = [part.strip().partition("=") for part in headers.get("x-jaas-signature", "").split(",")]
    timestamps = [value for name, _, value in parts if name == "t"]
    signatures = frozenset(value for name, _, value in parts if name == "v1")
    return _Signature(secret.encode(), "", timestamps[0] if timestamps else "", signatures)
