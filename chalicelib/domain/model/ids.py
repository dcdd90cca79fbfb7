"""Ids: what they are made of, and what can be told from one without asking the table."""

import base64
import hashlib
import re
from datetime import date

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_SPELLING = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", _ALPHABET.encode())
_CHECK_LENGTH = 6
_MEMBER_LENGTH = 24
_MEMBER_ID = re.compile(rf"[{_ALPHABET}]{{{_MEMBER_LENGTH}}}\Z")
_OWNED_ID = re.compile(rf"([{_ALPHABET}]{{16}})-([{_ALPHABET}]{{{_CHECK_LENGTH}}})\Z")
_API_KEY = re.compile(rf"lockstep_[{_ALPHABET}]{{26}}\Z")
_SESSION_ID = re.compile(rf"(\d{{8}})-([{_ALPHABET}]{{16}})-([{_ALPHABET}]{{{_CHECK_LENGTH}}})\Z", re.ASCII)


def encode(raw: bytes, length: int) -> str:
    """The first `length` characters of `raw` in lower-case base 32 without i, l, o and u."""
    return base64.b32encode(raw)[:length].translate(_SPELLING).decode()


def member_id(issuer: str, subject: str) -> str:
    """The id of the member whom `issuer` knows as `subject`: always the same, telling neither (24 characters)."""
    return encode(hashlib.sha256(f"{issuer}\n{subject}".encode(errors="surrogatepass")).digest(), _MEMBER_LENGTH)


def decoy_member_id(text: str) -> str:
    """An id of a member's shape that is nobody's: what any text that is no member's id is looked up as (R11)."""
    return encode(hashlib.sha256(f"nobody\n{text}".encode(errors="replace")).digest(), _MEMBER_LENGTH)


def lookup_id(text: str, caller: str) -> str:
    """Whom to look up for a caller's words: any text that is no other member's id costs the same reads (R11)."""
    return text if is_member_id(text) and text != caller else decoy_member_id(text)


def is_member_id(text: str) -> bool:
    """Whether the text has the shape of a member's id."""
    return _MEMBER_ID.match(text) is not None


def session_id(owner: str, day: date, token: str) -> str:
    """The id of a booking of `owner` that starts on `day`; `token` is its random part (16 characters).

    The last characters are a digest of the rest and the owner, so that an id says for whom it was made: a
    cancelled booking that its day no longer keeps can be told from one that never was (R17).
    """
    stem = f"{day:%Y%m%d}-{token}"
    return f"{stem}-{_check(owner, stem)}"


def session_date(owner: str, booking_id: str) -> date | None:
    """The UTC date on which the booking starts, or None where the id was not made for `owner`."""
    parts = _SESSION_ID.match(booking_id)
    if not parts or _check(owner, booking_id[: parts.end(2)]) != parts[3]:
        return None
    try:
        return date.fromisoformat(parts[1])
    except ValueError:
        return None


def owned_id(owner: str, token: str) -> str:
    """The id of an invite link or an API key of `owner`; `token` is its random part (16 characters), never the secret.

    As a session's, it says for whom it was made: what was revoked can be told from what never was.
    """
    return f"{token}-{_check(owner, token)}"


def is_owned_by(owner: str, owned: str) -> bool:
    """Whether the id is that of an invite link or an API key made for `owner`."""
    parts = _OWNED_ID.match(owned)
    return parts is not None and _check(owner, parts[1]) == parts[2]


def api_key_text(token: str) -> str:
    """A personal API key as its owner is shown it; `token` is its random part (26 characters).

    Whoever finds one somewhere can tell what it is.
    """
    return f"lockstep_{token}"


def is_api_key(text: str) -> bool:
    """Whether the text has the shape of an API key."""
    return _API_KEY.match(text) is not None


def token_digest(token: str) -> str:
    """What is stored of a secret, and any text's that is none: the same work for each (R25, R28, R35)."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def _check(owner: str, stem: str) -> str:
    return encode(hashlib.sha256(f"{owner}/{stem}".encode()).digest(), _CHECK_LENGTH)
