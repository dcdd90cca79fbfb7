"""The handler of the table's stream.

An inserted waiting row requests matching, an inserted job requests its run (R18, R19). The pair row that a
lock makes of two displaced members requests matching of the slot (R21).
"""

from collections.abc import Iterable
from typing import Any

from chalicelib.domain.decisions.queue_rows import WaitingRow
from chalicelib.domain.model.errors import Busy
from chalicelib.domain.model.slot import Slot
from chalicelib.handlers.event_log import log_event, slot_text
from chalicelib.services.context import Context
from chalicelib.services.jobs import run_job_by_id
from chalicelib.services.overload import refused_as_busy
from chalicelib.services.slot_matching.rematch import rematch, rematch_slot
from chalicelib.services.stream_records import requested_work, still_waiting

Record = dict[str, Any]
# The work that a record requests: matching the member of a waiting row, matching a slot, or running the job of an id.
# An exception stands for a record that cannot be parsed.
Requested = WaitingRow | Slot | str | Exception


def handle_records(context: Context, records: list[Record]) -> dict[str, list[dict[str, str]]]:
    """Handle the records of a batch and return those that the event source must deliver again.

    A record that fails with a conflict or an overloaded table does not delay the other records of its batch. A record
    that always fails goes to the failure queue after its retries, and the sweep pairs the waiting member.
    """
    requests = [(record, requested) for record in records if (requested := _requested(record))]
    with log_event(context, "batch", records=len(records)) as line:
        try:
            # A booking has already matched most of the members. One batch read finds those who still wait.
            with refused_as_busy():
                waiting = still_waiting(context, [row for _, row in requests if isinstance(row, WaitingRow)])
        except Busy:
            line.collected.code = Busy.code
            return _deliver_again(record for record, _ in requests)
    # The slots near their start that this batch has planned, each once.
    planned: dict[Slot, bool] = {}
    return _deliver_again(
        record for record, requested in requests if not _is_handled(context, record, requested, waiting, planned)
    )


def _requested(record: Record) -> Requested | None:
    """Return the work that the record requests, None for a record without work."""
    try:
        return requested_work(record)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        return error


def _is_handled(
    context: Context, record: Record, requested: Requested, waiting: set[WaitingRow], planned: dict[Slot, bool]
) -> bool:
    """Handle a record and return False if it must be delivered again."""
    with log_event(context, "record", record=_number(record), **_log_fields(requested)) as line:
        try:
            with refused_as_busy():
                _handle(context, requested, waiting, planned)
        except Busy:
            line.collected.code = Busy.code
        except Exception as error:  # noqa: BLE001 - logged, and the other records go on
            line.collected.error = error
            line.metrics["PoisonRecords"] = 1
        else:
            return True
    return False


def _handle(context: Context, requested: Requested, waiting: set[WaitingRow], planned: dict[Slot, bool]) -> None:
    match requested:
        case Exception():
            raise requested
        case WaitingRow():
            # A row that is gone needs no matching: its member has a partner or has cancelled.
            if requested in waiting:
                rematch(context, requested, planned)
        case Slot():
            rematch_slot(context, requested, planned)
        case str():
            run_job_by_id(context, requested)


def _log_fields(requested: Requested) -> dict[str, str]:
    """Return the ids that the line of a record names."""
    match requested:
        case WaitingRow():
            return {"waiting": requested.member_id, "slot": slot_text(requested.slot)}
        case Slot():
            return {"slot": slot_text(requested)}
        case str():
            return {"job": requested}
        case _:
            return {}


def _number(record: Record) -> str:
    number: str = record["dynamodb"]["SequenceNumber"]
    return number


def _deliver_again(records: Iterable[Record]) -> dict[str, list[dict[str, str]]]:
    return {"batchItemFailures": [{"itemIdentifier": _number(record)} for record in records]}
