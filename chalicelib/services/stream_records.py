"""Records of the table's stream. An inserted waiting row or job requests work (R18, R19)."""

from collections.abc import Collection, Mapping
from typing import Any

from chalicelib.domain.decisions.queue_rows import WaitingRow
from chalicelib.services.context import Context
from chalicelib.storage import queue_reads
from chalicelib.storage.keys import JOB, POOL, Key, is_queue_shards, waiting_row

Record = Mapping[str, Any]


def requested_work(record: Record) -> WaitingRow | str | None:
    """Return the waiting row or the job id that a record inserts, or None for any other record.

    Raises KeyError, TypeError, ValueError or OverflowError for a record of unknown form.
    """
    key = Key(*(record["dynamodb"]["Keys"][name]["S"] for name in ("PK", "SK")))
    if record["eventName"] != "INSERT" or is_queue_shards(key):
        return None
    if key.pk.startswith(POOL):
        return waiting_row(*key)
    return key.sk if key.pk.startswith(JOB) else None


def still_waiting(context: Context, rows: Collection[WaitingRow]) -> set[WaitingRow]:
    """Return the rows that still exist, by one batch read. Raises TableRequestFailed if the table does not respond."""
    return set(queue_reads.still_waiting(context.table, rows))
