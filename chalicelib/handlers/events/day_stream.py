"""The handler of the table's stream that announces events (R42).

It has an event source of its own, so that a slow channel never delays a match.
"""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from enum import Enum, auto
from typing import Any

from msgspec.structs import replace

from chalicelib.channels.aws_clients import SendFailed
from chalicelib.channels.channels import BatchedChannels
from chalicelib.domain.model.demand import slots_with_other_queue
from chalicelib.domain.model.errors import Busy
from chalicelib.domain.model.slot import Slot
from chalicelib.handlers.event_log import EventFailed, log_event
from chalicelib.services.context import Context
from chalicelib.services.notices.day_changes import announce_write, reported_write
from chalicelib.services.overload import refused_as_busy
from chalicelib.services.slot_matching.demand_count import count_demand

Record = dict[str, Any]


class RecordOutcome(Enum):
    """The outcome of a record, which is done, must be delivered again, or seems to fail always."""

    DONE = auto()
    AGAIN = auto()
    POISONED = auto()


# The seconds after which a batch begins no further record. The function has its time-out for the last one, and for the
# messages to services that do not respond.
BATCH_SECONDS = 60


def handle_day_records(context: Context, records: list[Record]) -> dict[str, list[dict[str, str]]]:
    """Announce the events of a batch and return the records that the event source must deliver again.

    The records of one member stay in order: after one that fails, the member's later ones are delivered again. One that
    always fails waits in the failure queue from then on, so that the later ones go on. The messages of the whole batch
    are sent together after the last commit, and the demand of the slots in which a member began or ceased to wait is
    counted once (R46). Records for which the time of the batch is too short are delivered again.
    """
    began = context.stopwatch()
    channels = context.channels.batched()
    batched = replace(context, channels=channels)
    by_outcome: defaultdict[RecordOutcome, list[Record]] = defaultdict(list)
    delayed: set[str] = set()
    changed: set[Slot] = set()
    for record in records:
        owner = record["dynamodb"]["Keys"]["PK"]["S"]
        is_late = context.stopwatch() - began > BATCH_SECONDS
        outcome = RecordOutcome.AGAIN if is_late or owner in delayed else _announce(batched, record, changed)
        by_outcome[outcome].append(record)
        if outcome is not RecordOutcome.DONE:
            # A poisoned record may succeed after all, if the batch comes again before the failure queue has it.
            delayed.add(owner)
    failed, poisoned = by_outcome[RecordOutcome.AGAIN], by_outcome[RecordOutcome.POISONED]
    is_sent = _is_sent(context, channels)
    if changed:
        _count(context, changed)
    return _deliver_again(_left(context, records, failed, poisoned) if is_sent else records)


def _is_sent(context: Context, channels: BatchedChannels) -> bool:
    """Send the messages of a batch and return False if its records must be delivered again."""
    if not channels.events:
        return True
    with suppress(EventFailed), log_event(context, "announcements", events=len(channels.events)) as line:
        try:
            channels.send()
        except SendFailed:
            line.collected.code = Busy.code
        else:
            return True
    return False


def _count(context: Context, slots: set[Slot]) -> None:
    """Count the demand of the slots. The sweep counts what fails, so that no record is delivered again for it."""
    with suppress(EventFailed), log_event(context, "demand") as line:
        line.fields["hours"] = count_demand(context, slots)


def _left(context: Context, records: list[Record], failed: list[Record], poisoned: list[Record]) -> list[Record]:
    """Keep the poisoned records in the failure queue, and return the records that must be delivered again.

    Those after the first one that failed are delivered again in any case, so they are not kept now.
    """
    for record in records:
        if record in failed:
            break
        if record in poisoned and not _is_kept(context, record):
            return [record, *failed]
    return failed


def _announce(context: Context, record: Record, changed: set[Slot]) -> RecordOutcome:
    """Announce the events of a record."""
    with log_event(context, "day", record=record["dynamodb"]["SequenceNumber"]) as line:
        try:
            write = reported_write(record)
            if write is not None:
                line.collected.member = write.after.member_id
                changed |= slots_with_other_queue(write.before, write.after)
                with refused_as_busy():
                    announce_write(context, write)
        except Busy:
            line.collected.code = Busy.code
            return RecordOutcome.AGAIN
        except Exception as error:  # noqa: BLE001 - logged, and the record waits in the failure queue
            line.collected.error = error
            line.metrics["PoisonRecords"] = 1
            return RecordOutcome.POISONED
    return RecordOutcome.DONE


def _is_kept(context: Context, record: Record) -> bool:
    """Put a record into the failure queue and return False if it must be delivered again."""
    try:
        context.channels.unannounced.keep(record)
    except SendFailed:
        return False
    return True


def _deliver_again(records: Iterable[Record]) -> dict[str, list[dict[str, str]]]:
    return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]} for record in records]}
