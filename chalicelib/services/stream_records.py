"""Records of the table's stream. An inserted waiting row, job or pair row of a lock requests work (R18, R19, R21)."""

from collections.abc import Collection, Mapping
from typing import Any

from chalicelib.domain.decisions.queue_rows import WaitingRow
from chalicelib.domain.model.slot import Slot
from chalicelib.services.context import Context
from chalicelib.storage import queue_reads
from chalicelib.storage.keys import JOB, PAIRS, POOL, Key, is_queue_shards, slot_of_pair, waiting_row
from chalicelib.storage.mappers import is_pair_by_lock

Record = Mapping[str, Any]


def requested_work(record: Record) -> WaitingRow | Slot | str | None:
    """Return the waiting row or the job id that a record inserts, or the slot of a pair row that a lock made.

    Returns None for any other record. Raises KeyError, TypeError, ValueError or OverflowError for a record of unknown
    form.
    """
    key = Key(*(record["dynamodb"]["Keys"][name]["S"] for name in ("PK", "SK")))
    if record["eventName"] != "INSERT" or is_queue_shards(key):
        return None
    if key.pk.startswith(POOL):
        return waiting_row(*key)
    if key.pk.startswith(PAIRS):
        return slot_of_pair(*key) if is_pair_by_lock(record["dynamodb"].get("NewImage", {})) else None
    return key.sk if key.pk.startswith(JOB) else None


def still_waiting(context: Context, rows: Collection[WaitingRow]) -> set[WaitingRow]:
    """Return the rows that still exist, by one batch read. Raises TableRequestFailed if the table does not respond."""
    return set(queue_reads.still_waiting(context.table, rows))
