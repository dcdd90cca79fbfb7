"""Personal API keys for a member's own programs (R35)."""

from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct


class Scope(StrEnum):
    """The permission of a key. `write` includes `read`."""

    READ = "read"
    WRITE = "write"


class ApiKey(Struct, frozen=True):
    """A personal key.

    Its secret was shown to its owner once. The table holds only the secret's `digest`.
    `last_used` is the UTC date of the last use, None before the first. Revoking a key deletes it.
    """

    key_id: str
    owner_id: str
    digest: str
    name: str
    scope: Scope
    made_at: datetime
    last_used: date | None = None
