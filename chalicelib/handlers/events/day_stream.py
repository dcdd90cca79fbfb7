"""The handler of the table's stream that announces events (R42).

It has an event source of its own, so that a slow channel never delays a match.
"""

from collections.abc import Iterable
from typing import Any

from chalicelib.channels.aws_clients import SendFailed
from chalicelib.domain.model.errors import Busy
from chalicelib.handlers.event_log import log_event
from chalicelib.services.context import Context
from chalicelib.services.notices.day_changes import announce_write, reported_write
from chalicelib.services.overload import refused_as_busy

Record = dict[str, Any]


def handle_day_records(context: Context, records: list[Record]) -> dict[str, list[dict[str, str]]]:
    """Announce the events of a batch and return the records that the event source must deliver again.

    The records of one member stay in order: after one that fails, the member's later ones wait for it.
    """
    failed: list[Record] = []
    delayed: set[str] = set()
    for record in records:
        owner = record["dynamodb"]["Keys"]["PK"]["S"]
        if owner in delayed or not _is_announced(context, record):
            delayed.add(owner)
            failed.append(record)
    return _deliver_again(failed)


def _is_announced(context: Context, record: Record) -> bool:
    """Announce the events of a record and return False if it must be delivered again."""
    with log_event(context, "day", record=record["dynamodb"]["SequenceNumber"]) as line:
        try:
            write = reported_write(record)
            if write is None:
                return True
            line.collected.member = write.after.member_id
            with refused_as_busy():
                announce_write(context, write)
        except (Busy, SendFailed):
            line.collected.code = Busy.code
        except Exception as error:  # noqa: BLE001 - logged, and other members' records go on
            line.collected.error = error
            line.metrics["PoisonRecords"] = 1
        else:
            return True
    return False


def _deliver_again(records: Iterable[Record]) -> dict[str, list[dict[str, str]]]:
    return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]} for record in records]}
