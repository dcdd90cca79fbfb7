"""The records of the table's stream: a row that was inserted asks for work (R18, R19)."""

from collections.abc import Collection, Mapping
from typing import Any

from chalicelib.domain.rows import WaitingRow
from chalicelib.services.lockstep import Lockstep
from chalicelib.storage import reads
from chalicelib.storage.keys import CHORE, POOL, Key, is_lanes, waiting_row

Record = Mapping[str, Any]


def asked_by(record: Record) -> WaitingRow | str | None:
    """Return the waiting row or the id of the chore that a record inserts, None for any other record.

    Raises KeyError, TypeError, ValueError or OverflowError where the record has no form that is known.
    """
    key = Key(*(record["dynamodb"]["Keys"][name]["S"] for name in ("PK", "SK")))
    if record["eventName"] != "INSERT" or is_lanes(key):
        return None
    if key.pk.startswith(POOL):
        return waiting_row(*key)
    return key.sk if key.pk.startswith(CHORE) else None


def still_waiting(lockstep: Lockstep, rows: Collection[WaitingRow]) -> set[WaitingRow]:
    """Return those of the rows that are still there, by one batch of reads. Raises NotCommitted without an answer."""
    return set(reads.still_waiting(lockstep.table, rows))
