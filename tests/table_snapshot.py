"""The whole table as one value."""

from chalicelib.domain.audit.snapshot import Snapshot
from chalicelib.storage.audit_snapshot import snapshot_of
from chalicelib.storage.connection import Table
from chalicelib.storage.keys import Key
from chalicelib.storage.raw_reads import RawItems


def read_whole_table(table: Table) -> RawItems:
    """Read the whole table. No write may happen during the read."""
    raw_items: RawItems = {}
    after = None
    while True:
        response = table.scan(consistent_read=True, exclusive_start_key=after)
        raw_items |= {Key(raw["PK"]["S"], raw["SK"]["S"]): raw for raw in response["Items"]}
        after = response.get("LastEvaluatedKey")
        if after is None:
            return raw_items


def take_snapshot(table: Table) -> Snapshot:
    """Read the whole table as a snapshot."""
    return snapshot_of(read_whole_table(table))
