"""The records of the table's stream: a row that was inserted asks for work (R18, R19)."""

from collections.abc import Collection, Mapping
from typing import Any

from chalicelib.domain.decisions.queue_rows import WaitingRow
from chalicelib.services.context import Context
from chalicelib.storage import reads
from chalicelib.storage.keys import JOB, POOL, Key, is_queue_shards, waiting_row

Record = Mapping[str, Any]


def asked_by(record: Record) -> WaitingRow | str | None:
    """Return the waiting row or the id of the chore that a record inserts, None for any other record.

    Raises KeyError, TypeError, ValueError or OverflowError where the record has no form that is known.
    """
    key = Key(*(record["dynamodb"]["Keys"][name]["S"] for name in ("PK", "SK")))
    if record["eventName"] != "INSERT" or is_queue_shards(key):
        return None
    if key.pk.startswith(POOL):
        return waiting_row(*key)
    return key.sk if key.pk.startswith(JOB) else None


def still_waiting(context: Context, rows: Collection[WaitingRow]) -> set[WaitingRow]:
    """Return those of the rows that are still there, by one batch of reads. Raises NotCommitted without an answer."""
    return set(reads.still_waiting(context.table, rows))
