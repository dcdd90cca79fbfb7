"""Everything in the table as one value."""

from chalicelib.domain.snapshot import Snapshot
from chalicelib.storage.looks import Look, page
from chalicelib.storage.snapshots import snapshot_of


def look_at_everything() -> Look:
    """Read the table that the models are bound to; nothing may be written meanwhile."""
    look, after = page(1000, None)
    while after:
        more, after = page(1000, after)
        look |= more
    return look


def take_snapshot() -> Snapshot:
    """The same as a value of the domain."""
    return snapshot_of(look_at_everything())
