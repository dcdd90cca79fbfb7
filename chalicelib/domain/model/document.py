"""Documents, the values that the table stores as one JSON text each.

Days, profiles and relations have attributes of their own, because conditions and updates name them. A document is read
and written as a whole, and its only condition is that its version is unchanged since the read.
"""

from datetime import datetime

from msgspec import Struct

# An unwritten document.
NEW = 0


class Document(Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """A value that the table stores as a whole.

    `version` is 0 before the first write, and each write increments it. The table deletes the document at some time
    after `expires`.
    """

    version: int = NEW
    expires: datetime | None = None

    def is_expired(self, now: datetime) -> bool:
        """Return whether the document counts no longer, also if the table has not deleted it yet."""
        return self.expires is not None and self.expires <= now
