"""The table's stream: a waiting row that was inserted asks to be matched, a chore to be done (R18, R19)."""

from collections.abc import Iterable
from typing import Any

from chalicelib.domain.decisions.queue_rows import WaitingRow
from chalicelib.domain.model.errors import Busy
from chalicelib.handlers.event_log import log_event, slot_text
from chalicelib.services.context import Context
from chalicelib.services.jobs import do_chore_of
from chalicelib.services.overload import refused_as_busy
from chalicelib.services.slot_matching.rematch import match_waiting
from chalicelib.services.stream_records import asked_by, still_waiting

Record = dict[str, Any]
# The work that a record asks for: matching the member of a waiting row, or the chore of an id. An error stands for a
# record that cannot be understood.
Asked = WaitingRow | str | Exception


def handle_records(context: Context, records: list[Record]) -> dict[str, list[dict[str, str]]]:
    """Handle every record of a batch, and tell which to deliver again.

    One that could not be handled now (a lost race, an overloaded table) never holds up the others of its batch. Nor
    does one that can never be handled: after some deliveries the event source gives it up, and it is kept for the
    operator; the schedule finds whoever waits.
    """
    wanted = [(record, asked) for record in records if (asked := _asked(record))]
    with log_event(context, "batch", records=len(records)) as line:
        try:
            # Most waiting members were matched by the next booking before the batch comes: one read finds the others.
            with refused_as_busy():
                waiting = still_waiting(context, [asked for _, asked in wanted if isinstance(asked, WaitingRow)])
        except Busy:
            line.observation.code = Busy.code
            return _again(record for record, _ in wanted)
    return _again(record for record, asked in wanted if not _is_handled(context, record, asked, waiting))


def _asked(record: Record) -> Asked | None:
    """Return the work that the record asks for, None where it asks for none."""
    try:
        return asked_by(record)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        return error


def _is_handled(context: Context, record: Record, asked: Asked, waiting: set[WaitingRow]) -> bool:
    """Handle a record, and answer whether it is done with."""
    with log_event(context, "record", record=_number(record), **_about(asked)) as line:
        try:
            with refused_as_busy():
                _handle(context, asked, waiting)
        except Busy:
            line.observation.code = Busy.code
        except Exception as error:  # noqa: BLE001 - it is told, and holds up nobody
            line.observation.error = error
            line.metrics["PoisonRecords"] = 1
        else:
            return True
    return False


def _handle(context: Context, asked: Asked, waiting: set[WaitingRow]) -> None:
    match asked:
        case Exception():
            raise asked
        case WaitingRow():
            if asked in waiting:
                match_waiting(context, asked)
        case str():
            do_chore_of(context, asked)


def _about(asked: Asked) -> dict[str, str]:
    """What a line tells of a record: ids only."""
    match asked:
        case WaitingRow():
            return {"waiting": asked.member_id, "slot": slot_text(asked.slot)}
        case str():
            return {"chore": asked}
        case _:
            return {}


def _number(record: Record) -> str:
    number: str = record["dynamodb"]["SequenceNumber"]
    return number


def _again(records: Iterable[Record]) -> dict[str, list[dict[str, str]]]:
    return {"batchItemFailures": [{"itemIdentifier": _number(record)} for record in records]}
