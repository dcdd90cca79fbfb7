"""Personal API keys: what a member's own scripts call with (R35)."""

from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct


class Scope(StrEnum):
    """What a key may do: look, or also change."""

    READ = "read"
    WRITE = "write"


class ApiKey(Struct, frozen=True):
    """A personal key; `digest` stands for what its owner was shown once, which is stored nowhere.

    `last_used` is the UTC date of its last use, None before the first. A key that was revoked is gone.
    """

    key_id: str
    owner_id: str
    digest: str
    name: str
    scope: Scope
    made_at: datetime
    last_used: date | None = None
