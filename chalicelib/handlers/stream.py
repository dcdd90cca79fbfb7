"""The table's stream: a waiting row that was inserted asks to be matched, a chore to be done (R18, R19)."""

import logging
from typing import Any

from chalicelib.domain.errors import Busy
from chalicelib.domain.rows import WaitingRow
from chalicelib.services.chores import do_chore
from chalicelib.services.lockstep import Lockstep
from chalicelib.services.rematch import match_waiting
from chalicelib.storage import reads
from chalicelib.storage.keys import CHORE, POOL, Key, is_lanes, waiting_row
from chalicelib.storage.outcomes import NotCommitted

log = logging.getLogger(__name__)

Record = dict[str, Any]


def handle_records(lockstep: Lockstep, records: list[Record]) -> dict[str, list[dict[str, str]]]:
    """Handle every record of a batch, and tell which to deliver again.

    A record that could not be handled now (a lost race, an overloaded table) is delivered again; it never holds up
    the others of its batch. One that can never be handled is logged and let go: the schedule finds whoever waits.
    """
    inserted = [(record, row) for record in records if (row := _inserted(record))]
    try:
        # Most who began to wait were found by the next who booked before the batch arrives: one read tells who has not.
        waiting = set(reads.still_waiting([row for _, row in inserted if isinstance(row, WaitingRow)]))
    except NotCommitted as outcome:
        log.warning("A batch is left for later: %r", outcome)
        return {"batchItemFailures": [_to_be_delivered_again(record) for record, _ in inserted]}
    failures = []
    for record, row in inserted:
        try:
            if isinstance(row, Key):
                _finish(lockstep, row)
            elif row in waiting:
                match_waiting(lockstep, row)
        except (Busy, NotCommitted) as outcome:
            log.warning("A record is left for later: %r", outcome)
            failures.append(_to_be_delivered_again(record))
        except Exception:
            log.exception("A record cannot be handled and is let go")
    return {"batchItemFailures": failures}


def _inserted(record: Record) -> WaitingRow | Key | None:
    """The waiting row, or the key of the chore, whose insertion the record tells; None where it tells anything else."""
    try:
        key = Key(*(record["dynamodb"]["Keys"][name]["S"] for name in ("PK", "SK")))
        if record["eventName"] != "INSERT" or is_lanes(key):
            return None
        return waiting_row(*key) if key.pk.startswith(POOL) else key if key.pk.startswith(CHORE) else None
    except (KeyError, TypeError, ValueError, OverflowError):
        log.exception("A record cannot be read and is let go")
        return None


def _to_be_delivered_again(record: Record) -> dict[str, str]:
    return {"itemIdentifier": record["dynamodb"]["SequenceNumber"]}


def _finish(lockstep: Lockstep, key: Key) -> None:
    chore = reads.chore(key.sk)
    if chore:
        do_chore(lockstep, chore)
