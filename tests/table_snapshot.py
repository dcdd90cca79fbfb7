"""Everything in the table as one value."""

from chalicelib.domain.audit.snapshot import Snapshot
from chalicelib.storage.audit_snapshot import snapshot_of
from chalicelib.storage.connection import Table
from chalicelib.storage.keys import Key
from chalicelib.storage.raw_reads import Look


def look_at_everything(table: Table) -> Look:
    """Read the whole table; nothing may be written meanwhile."""
    look: Look = {}
    after = None
    while True:
        answer = table.scan(consistent_read=True, exclusive_start_key=after)
        look |= {Key(raw["PK"]["S"], raw["SK"]["S"]): raw for raw in answer["Items"]}
        after = answer.get("LastEvaluatedKey")
        if after is None:
            return look


def take_snapshot(table: Table) -> Snapshot:
    """The same as a value of the domain."""
    return snapshot_of(look_at_everything(table))
