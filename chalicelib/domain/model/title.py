"""Titles of sessions. A long one is stored as an item of its own, so that no partner pays for it (R36)."""

import hashlib

from chalicelib.domain.model.ids import encode

# The maximum number of UTF-8 bytes of a title that is stored in its day.
LONGEST_IN_DAY = 64
# 60 bits. Two titles of one booking with equal digests would count as the same title.
_DIGEST_LENGTH = 12


def long_title_digest(title: str) -> str | None:
    """Return the digest by which a day refers to a long title, or None for a short title."""
    raw = title.encode()
    if len(raw) <= LONGEST_IN_DAY:
        return None
    return encode(hashlib.sha256(raw).digest(), _DIGEST_LENGTH)
