"""Mutants that lose, repeat or invent events, or send them to the wrong member (R42, R43)."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from functools import partial
from itertools import count
from random import Random
from typing import Any

from msgspec.structs import replace

from chalicelib.channels import bus, queues
from chalicelib.channels.aws_clients import SendFailed
from chalicelib.domain.decisions import day_events
from chalicelib.domain.decisions.write_set import Decision, DocumentChange
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.event import Event, EventKind, EventLog, EventRow
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.notices import Channel, Delivery, Subscriptions
from chalicelib.handlers.events import day_stream
from chalicelib.services.context import Context
from chalicelib.services.notices import day_changes, event_log
from chalicelib.storage import notice_reads, transactions
from chalicelib.storage.connection import Table
from chalicelib.storage.document_writes import change_document
from chalicelib.storage.writes import Transaction
from tests.simulation.engine.simulation_run import Rewrite, SimulationRun
from tests.simulation.mutants.known_bug_mutants import Place, replaced
from tests.simulation.mutants.mutant_search import LATE_WRITE, InterruptionSchedule, SearchedSchedule
from tests.simulation.oracles.event_oracle import KINDS_OF_CHANGES
from tests.simulation.scenarios import operations
from tests.simulation.scenarios.cast import MORNING
from tests.simulation.scenarios.initial_states import INITIAL_STATES, SUBSCRIBED, initial_state
from tests.simulation.scenarios.operations import ActorOperation, UseCase
from tests.simulation.scenarios.schedules import random_event_schedule, run_schedule


@dataclass(frozen=True, slots=True)
class EventBug:
    """A bug of the events, with the rule that it violates."""

    name: str
    source: str
    apply: Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True)
class EventSchedule:
    """A random schedule about events, by its number."""

    number: int

    @property
    def initial_state(self) -> str:
        """The name of the initial state."""
        return INITIAL_STATES[self.number % len(INITIAL_STATES)] + SUBSCRIBED

    def __str__(self) -> str:
        return f"a random schedule about events with seed {self.number}"

    def run(self, rewrite: Rewrite | None = None) -> SimulationRun:
        """Run the schedule, drain it and check it."""
        schedule = random_event_schedule(Random(f"events {self.number}"))
        return run_schedule(initial_state(self.initial_state), schedule, rewrite)


def event_schedules() -> Iterator[SearchedSchedule]:
    """Yield schedules without end, first those with a late write of an invocation, and one with a returned member."""
    announcements = (ActorOperation(UseCase.ANNOUNCE), ActorOperation(UseCase.ANNOUNCE))
    yield from (InterruptionSchedule(name + SUBSCRIBED, announcements, LATE_WRITE) for name in INITIAL_STATES)
    returned = (ActorOperation(UseCase.RETURN, "Ada"), ActorOperation(UseCase.ANNOUNCE))
    yield InterruptionSchedule(f"Ada has deleted the account{SUBSCRIBED}", returned)
    yield from map(EventSchedule, count(1))


EVENT_BUGS: list[EventBug] = []
_announce, _day_events, _add_row, _deliveries = (
    event_log.announce,
    day_events.day_events,
    event_log._add_row,
    event_log.deliveries,
)
_account_and_subscriptions = notice_reads.account_and_subscriptions
_publish, _send, _handle_day_records = bus.Bus.publish, queues.Queues.send, day_stream.handle_day_records


def event_bug(source: str, *places: Place) -> Any:
    """Register a function as a bug that replaces these places. Its docstring is its name."""

    def note(replacement: Any) -> Any:
        EVENT_BUGS.append(EventBug(replacement.__doc__.strip(), source, partial(replaced, places, replacement)))
        return replacement

    return note


def _without_kind(kind: EventKind, before: Day | None, after: Day, at: Any) -> list[Event]:
    return [event for event in _day_events(before, after, at) if event.kind is not kind]


EVENT_BUGS += [
    EventBug(
        f"Derive no event {kind}.",
        "R42: every change of a session",
        partial(replaced, ((day_changes, "day_events"),), partial(_without_kind, kind)),
    )
    # The mutants of second chances include the remaining kind.
    for kind in sorted(KINDS_OF_CHANGES - {EventKind.MISSED})
]


@event_bug("R42: an id that is the same for the same change", (day_changes, "announce"))
def announce_with_new_ids(context: Context, change_id: str, events: Sequence[Event], **more: Any) -> None:
    """Give the events of each delivery other ids."""
    delivery = context.token(4)
    _announce(context, change_id, [replace(event, event_id=f"{event.event_id}{delivery}") for event in events], **more)


@event_bug("R42: one row for a change", (day_changes, "announce"))
def announce_each_delivery(context: Context, change_id: str, events: Sequence[Event], **more: Any) -> None:
    """Add a row of the log for each delivery of a record."""
    _announce(context, f"{change_id}{context.token(4)}", events, **more)


@event_bug("R42: in order for one session", (operations, "handle_day_records"))
def handle_past_failures(context: Context, records: list[Any]) -> Any:
    """Announce the later records of a member whose earlier record failed."""
    answers = [_handle_day_records(context, [record]) for record in records]
    return {"batchItemFailures": [failure for answer in answers for failure in answer["batchItemFailures"]]}


@event_bug("R42: nothing is lost", (operations, "handle_day_records"))
def handle_without_failures(context: Context, records: list[Any]) -> Any:
    """Report a record that failed as done."""
    _handle_day_records(context, records)
    return {"batchItemFailures": []}


@event_bug("R42: nothing is lost", (day_changes, "announce"))
def announce_before_commit(context: Context, change_id: str, events: Sequence[Event], **more: Any) -> None:
    """Send the messages before the commit, also for an account that is deleted."""
    if events:
        context.channels.bus.publish(events)
    _announce(context, change_id, events, **more)


@event_bug("R42: at least once", (event_log, "_add_row"))
def skip_repeated_change(*given: Any) -> Any:
    """Send nothing for a change that the log has already."""
    decision = _add_row(*given)
    return decision if decision.changes.documents else Decision(None)


@event_bug("R33: a deleted account gets no event", (notice_reads, "account_and_subscriptions"))
def every_account(table: Table, member_id: str) -> tuple[Profile, Subscriptions]:
    """Announce the events of a deleted account."""
    return Profile(member_id, "", "UTC", MORNING, ""), _account_and_subscriptions(table, member_id)[1]


@event_bug(
    "R33: a later account of the person gets no event of a deleted one", (notice_reads, "account_and_subscriptions")
)
def later_account(table: Table, member_id: str) -> tuple[Profile | None, Subscriptions]:
    """Announce the events of a deleted account to the later account of the person."""
    found, subscriptions = _account_and_subscriptions(table, member_id)
    return found and replace(found, deleted_at=None), subscriptions


@event_bug("R42: an event says nothing that its member could not see", (day_events, "_details"))
def all_details(booking: Any, _at: Any) -> Any:
    """Derive an event from a change of a field that the owner does not see."""
    return booking


@event_bug("R42: the difference of the old and the new image", (day_changes, "day_events"))
def events_of_new_image(_before: Day | None, after: Day, at: Any) -> list[Event]:
    """Ignore the old image of a record."""
    return _day_events(None, after, at)


@event_bug("R42: in order for one session", (day_changes, "day_events"))
def reversed_events(before: Day | None, after: Day, at: Any) -> list[Event]:
    """Announce the events of one write in reverse order."""
    return _day_events(before, after, at)[::-1]


@event_bug("R42: the same event for the same change", (day_changes, "announce"))
def announce_at_delivery(context: Context, change_id: str, events: Sequence[Event], **more: Any) -> None:
    """Take the instant of the delivery in place of that of the change."""
    _announce(context, change_id, [replace(event, at=context.clock()) for event in events], **more)


@event_bug("R42: nothing is lost", (bus.Bus, "publish"))
def publish_without_check(self: bus.Bus, events: Sequence[Event]) -> None:
    """Ignore that the bus refused events."""
    with suppress(SendFailed):
        _publish(self, events)


@event_bug("R42: nothing is lost", (queues.Queues, "send"))
def send_without_check(self: queues.Queues, sent: Sequence[Delivery], **more: Any) -> None:
    """Ignore that a queue refused messages."""
    with suppress(SendFailed):
        _send(self, sent, **more)


@event_bug("R43: the kinds that the member chose", (event_log, "deliveries"))
def deliveries_of_all_kinds(events: Sequence[Event], subscriptions: Subscriptions) -> list[Delivery]:
    """Send a webhook events of a kind that its member did not choose."""
    webhooks = [replace(webhook, kinds=tuple(EventKind)) for webhook in subscriptions.webhooks]
    return _deliveries(events, replace(subscriptions, webhooks=webhooks))


@event_bug("R43: a verified address", (event_log, "deliveries"))
def deliveries_without_mails(events: Sequence[Event], subscriptions: Subscriptions) -> list[Delivery]:
    """Send the mails of a matched session only."""
    return [
        delivery
        for delivery in _deliveries(events, subscriptions)
        if delivery.channel is not Channel.EMAIL or delivery.event.kind is EventKind.MATCHED
    ]


@event_bug("R42: one row for a change, also for concurrent invocations", (transactions, "change_document"))
def write_log_without_check(transaction: Transaction, change: DocumentChange) -> None:
    """Write an event log without a check for writes since the read."""
    is_of_log = isinstance(change.after, EventLog | EventRow)
    change_document(transaction, replace(change, regardless=change.regardless or is_of_log))


@event_bug("R42: session.starting 10 minutes before", (operations, "announce_starts"))
def announce_no_starts(_context: Context) -> None:
    """Announce no session that is about to start."""
