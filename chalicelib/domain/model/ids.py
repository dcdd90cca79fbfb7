"""Ids and their forms. The id of a booking, link or API key proves its owner without a read."""

import base64
import hashlib
import hmac
import re
from datetime import date

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_SPELLING = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", _ALPHABET.encode())
_CHECK_LENGTH = 6
# The characters in the token of an invite link or API key. At 5 bits each, 130 bits cannot be guessed.
TOKEN_LENGTH = 26
_MEMBER_LENGTH = 24
_MEMBER_ID = re.compile(rf"[{_ALPHABET}]{{{_MEMBER_LENGTH}}}\Z")
_OWNED_ID = re.compile(rf"([{_ALPHABET}]{{16}})-([{_ALPHABET}]{{{_CHECK_LENGTH}}})\Z")
_API_KEY = re.compile(rf"lockstep_[{_ALPHABET}]{{{TOKEN_LENGTH}}}\Z")
_SESSION_ID = re.compile(rf"(\d{{8}})-([{_ALPHABET}]{{16}})-([{_ALPHABET}]{{{_CHECK_LENGTH}}})\Z", re.ASCII)


def encode(raw: bytes, length: int) -> str:
    """Return the first `length` characters of `raw` in lower-case base 32 without i, l, o and u."""
    return base64.b32encode(raw)[:length].translate(_SPELLING).decode()


def member_id(issuer: str, subject: str, key: bytes) -> str:
    """Return the id (24 characters) of a member, a hash of issuer and subject with the deployment's secret (R34)."""
    return keyed_member_id(unkeyed_member_id(issuer, subject), key)


def unkeyed_member_id(issuer: str, subject: str) -> str:
    """Return the id of a member before the secret is applied. A reader who knows the subject can compute it."""
    return encode(hashlib.sha256(f"{issuer}\n{subject}".encode(errors="surrogatepass")).digest(), _MEMBER_LENGTH)


def keyed_member_id(unkeyed: str, key: bytes) -> str:
    """Return the id of a member by the unkeyed one, so that a table with unkeyed ids can be moved."""
    return encode(hmac.digest(key, unkeyed.encode(), "sha256"), _MEMBER_LENGTH)


def decoy_member_id(text: str) -> str:
    """Return a well-formed member id without a member, to look up in place of an invalid text (R11)."""
    return encode(hashlib.sha256(f"decoy\n{text}".encode(errors="replace")).digest(), _MEMBER_LENGTH)


def lookup_id(text: str, caller: str) -> str:
    """Return the id to look up for a text. An invalid id and the caller's own become a decoy (R11)."""
    return text if is_member_id(text) and text != caller else decoy_member_id(text)


def is_member_id(text: str) -> bool:
    """Return whether the text has the form of a member id."""
    return _MEMBER_ID.match(text) is not None


def session_id(owner: str, day: date, token: str) -> str:
    """Return the id of a booking of `owner` that starts on `day`. `token` is its random part (16 characters).

    The last 6 characters are a digest of the rest and the owner, so an id proves its owner. This distinguishes a
    cancelled booking that its day no longer keeps from one that never existed (R17).
    """
    return session_id_of(owner, f"{day:%Y%m%d}-{token}")


def session_id_of(owner: str, stem: str) -> str:
    """Return the id of a booking of `owner`. `stem` is its date and random part."""
    return f"{stem}-{_check(owner, stem)}"


def session_date(owner: str, booking_id: str) -> date | None:
    """Return the UTC date on which the booking starts, or None if the id was not made for `owner`."""
    parts = _SESSION_ID.match(booking_id)
    if not parts or _check(owner, booking_id[: parts.end(2)]) != parts[3]:
        return None
    try:
        return date.fromisoformat(parts[1])
    except ValueError:
        return None


def owned_id(owner: str, token: str) -> str:
    """Return the id of an invite link or an API key of `owner`. `token` is its random part (16 characters).

    The token is not the secret. Like a booking's id it proves its owner, which distinguishes a revoked link or key
    from one that never existed.
    """
    return f"{token}-{_check(owner, token)}"


def is_owned_by(owner: str, owned: str) -> bool:
    """Return whether the id is that of an invite link or an API key made for `owner`."""
    parts = _OWNED_ID.match(owned)
    return parts is not None and _check(owner, parts[1]) == parts[2]


def api_key_text(token: str) -> str:
    """Return an API key as its owner sees it. `token` is its random part (26 characters).

    The prefix lets secret scanners recognize a leaked key.
    """
    return f"lockstep_{token}"


def is_api_key(text: str) -> bool:
    """Return whether the text has the form of an API key."""
    return _API_KEY.match(text) is not None


def token_digest(token: str) -> str:
    """Return the stored hash of a secret. An invalid text costs the same work (R25, R28, R35)."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def _check(owner: str, stem: str) -> str:
    return encode(hashlib.sha256(f"{owner}/{stem}".encode()).digest(), _CHECK_LENGTH)
