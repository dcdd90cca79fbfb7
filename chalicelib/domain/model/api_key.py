"""Personal API keys for a member's own programs (R35)."""

from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from chalicelib.domain.model.access_record import AccessRecord


class Scope(StrEnum):
    """The permission of a key. `write` and `export` include `read`, and neither includes the other."""

    READ = "read"
    WRITE = "write"
    EXPORT = "export"


class ApiKey(Struct, frozen=True):
    """A personal key.

    Its secret was shown to its owner once. The table holds only the secret's `digest`.
    `last_used` is the UTC date of the last use, None before the first. `expires_at` is None for a key without an
    expiry. Revoking a key deletes it with the invite links that it made.
    """

    key_id: str
    owner_id: str
    digest: str
    name: str
    scope: Scope
    made_at: datetime
    last_used: date | None = None
    expires_at: datetime | None = None
    access: AccessRecord = AccessRecord()

    def is_valid(self, now: datetime) -> bool:
        """Return whether the key has not expired at `now`."""
        return self.expires_at is None or now < self.expires_at
