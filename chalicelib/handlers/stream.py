"""The table's stream: a waiting row that was inserted asks to be matched, a chore to be done (R18, R19)."""

import logging
from typing import Any

from chalicelib.domain.errors import Busy
from chalicelib.services.lockstep import Lockstep
from chalicelib.services.part import do_chore
from chalicelib.services.rematch import match_waiting
from chalicelib.storage import reads
from chalicelib.storage.keys import CHORE, POOL, waiting_row
from chalicelib.storage.outcomes import NotCommitted

log = logging.getLogger(__name__)


def handle_records(lockstep: Lockstep, records: list[dict[str, Any]]) -> dict[str, list[dict[str, str]]]:
    """Handle every record of a batch, and tell which to deliver again.

    A record that could not be handled now (a lost race, an overloaded table) is delivered again; it never holds up
    the others of its batch. One that can never be handled is logged and let go: the schedule finds whoever waits.
    """
    failures = []
    for record in records:
        try:
            _handle(lockstep, record)
        except (Busy, NotCommitted) as outcome:
            log.warning("A record is left for later: %r", outcome)
            failures.append({"itemIdentifier": record["dynamodb"]["SequenceNumber"]})
        except Exception:
            log.exception("A record cannot be handled and is let go")
    return {"batchItemFailures": failures}


def _handle(lockstep: Lockstep, record: dict[str, Any]) -> None:
    if record["eventName"] != "INSERT":
        return
    pk, sk = (record["dynamodb"]["Keys"][name]["S"] for name in ("PK", "SK"))
    if pk.startswith(POOL):
        match_waiting(lockstep, waiting_row(pk, sk))
    elif pk.startswith(CHORE):
        chore = reads.chore(sk)
        if chore:
            do_chore(lockstep, chore)
