"""The event oracle, which compares all events with the sessions before and after each commit (R42).

It derives the expected events from the public form of a session, as GET /v1/sessions/{sessionId} shows it, and not from
the service's own difference of days.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from chalicelib.channels.queues import delivery_from
from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.event import Event, EventKind, EventLog, EventRow
from chalicelib.domain.model.member import Account, Profile, Tombstone
from chalicelib.domain.model.notices import Channel, NoticeSettings
from chalicelib.domain.model.slot import Slot
from chalicelib.handlers.http.responses import serializers
from chalicelib.services.bookings.sessions import SessionView
from tests.simulation.engine.memoization import memoize_by_value
from tests.simulation.engine.operation_run import DayCommit, OracleViolation, SentMessage
from tests.simulation.engine.simulation_run import BUS, QUEUES, SimulationRun
from tests.simulation.oracles.commit_oracle import SECOND_CHANCE_UNTIL, describe
from tests.simulation.oracles.table_history import TableHistory, account, of_type
from tests.simulation.scenarios.cast import NAME_OF

# The kinds of events for which the members of a subscribed initial state have a webhook. They get mails of all kinds.
WEBHOOK_KINDS = (EventKind.MATCHED, EventKind.CANCELLED)
# The kinds of events that follow from a change of a day.
KINDS_OF_CHANGES = frozenset(EventKind) - {
    EventKind.STARTING,
    EventKind.UNMATCHED,
    EventKind.FAVORITE_AVAILABLE,
}
# The events of the clock, with their times before the start.
INSTANTS = {EventKind.STARTING: timedelta(minutes=10), EventKind.UNMATCHED: timedelta(0)}
A_MINUTE = timedelta(minutes=1)
_KIND_OF_LOSS = {"displaced": EventKind.DISPLACED, "partner_cancelled": EventKind.PARTNER_CANCELLED}
# The fields of a session that follow from others, from the clock, or from the partner's account.
_DERIVED_FIELDS = frozenset({"lastChange", "changes", "final", "users"})
_PARTNER_FIELDS = ("activityType", "quietMode")
# Joining is no event (R42).
_FIELDS_OF_JOINING = frozenset({"joinedAt", "completed"})


class ExpectedEvent(NamedTuple):
    """An event that a commit causes, without its id."""

    member_id: str
    booking_id: str
    kind: EventKind
    at: datetime


def expected_kinds(before: Booking | None, after: Booking, at: datetime) -> list[EventKind]:
    """Return the kinds of events between two states of a booking, in their order, at the instant of the commit."""
    if before == after:
        return []
    shown, earlier = _shown(after, at), _shown(before, at) if before else None
    kinds = [] if earlier else [EventKind.BOOKED]
    if shown["state"] == "cancelled":
        return kinds if earlier and earlier["state"] == "cancelled" else [*kinds, EventKind.CANCELLED]
    if shown["state"] == "missed":
        return kinds if earlier and earlier["state"] == "missed" else [*kinds, EventKind.MISSED]
    if before and before.partner:
        # With fractions of seconds, which the API leaves out.
        added = Counter(after.changes) - Counter(before.changes)
        kinds += sorted({_KIND_OF_LOSS[change.kind] for change in added if change.kind in _KIND_OF_LOSS})
    if earlier is None or _pair(earlier) != _pair(shown):
        if shown["state"] in ("matched", "locked_in"):
            return [*kinds, EventKind(f"session.{shown['state']}")]
        if earlier and not kinds and _has_started(shown, at):
            # Its owner asked for another partner (R38).
            return [EventKind.CHANGED]
        if earlier and not kinds:
            raise OracleViolation(f"{describe(after)} lost its partner without a change that its owner sees")
        return kinds
    return kinds if _details(earlier, at) == _details(shown, at) else [*kinds, EventKind.CHANGED]


@memoize_by_value
def _shown(booking: Booking, at: datetime) -> dict[str, Any]:
    """Return the session that the API shows, with a partner of no name."""
    room = booking.partner and booking.partner.pair_id
    session = serializers.session(SessionView(booking, None, False, at, False, room_page=room))
    shown: dict[str, Any] = msgspec.to_builtins(session)
    return shown


def _pair(session: Mapping[str, Any]) -> tuple[Any, ...]:
    return session["state"], session["roomUrl"], [user["userId"] for user in session["users"]]


def _details(session: Mapping[str, Any], at: datetime) -> tuple[Any, ...]:
    """Return the rest of a session.

    After the start, only the deletion of an account changes how the partner worked, and that is no event (R33).
    """
    own, *partners = session["users"]
    fields = {name: value for name, value in session.items() if name not in _DERIVED_FIELDS}
    own = {name: value for name, value in own.items() if name not in _FIELDS_OF_JOINING}
    over = _has_started(session, at)
    return fields, own, [] if over else [[partner[name] for name in _PARTNER_FIELDS] for partner in partners]


def _has_started(session: Mapping[str, Any], at: datetime) -> bool:
    return at >= datetime.fromisoformat(session["startTime"])


def expected_events(commit: DayCommit) -> Iterator[ExpectedEvent]:
    """Yield the events of a write of a day, those of one booking in their order."""
    before = commit.before or Day(*commit.after.key)
    for booking in commit.after.bookings:
        for kind in expected_kinds(before.find(booking.booking_id), booking, commit.at):
            yield ExpectedEvent(booking.member_id, booking.booking_id, kind, commit.at)


def check_events(run: SimulationRun) -> None:
    """Check the event logs and all messages after the last announcement. Raises OracleViolation."""
    expected = [event for commit in run.day_commits for event in expected_events(commit)]
    bookings = _bookings(run)
    found = _events(run.history)
    _check_ids(found)
    if run.has_kept_records:
        # An operator announces these records later, out of order.
        return
    logged = [event for event in found if event.kind in KINDS_OF_CHANGES]
    for event in logged:
        if event.booking_id not in bookings:
            raise OracleViolation(f"the event log has {event.kind} of {NAME_OF[event.member_id]}, which did not happen")
    scheduled = [event for event in found if event.kind in INSTANTS]
    # By a clock that is behind, a member can still be paired after the start by another clock.
    _check_scheduled(scheduled, bookings, waits=not run.commit_oracle.clock_error)
    current = [event for event in expected if _is_seen(run.history, bookings[event.booking_id])]
    _check_sequence("the event log", current, logged)
    _check_messages(run, expected, logged, bookings)


def _bookings(run: SimulationRun) -> dict[str, Booking]:
    """Return the bookings of all commits by id, as the last commit left them."""
    return {booking.booking_id: booking for commit in run.day_commits for booking in commit.after.bookings}


def logged_changes(history: TableHistory) -> list[str]:
    """Return the ids of all events of changes in the logs, each as often as the logs have it."""
    return [event.event_id for event in _events(history) if event.kind in KINDS_OF_CHANGES]


def _events(history: TableHistory) -> list[Event]:
    return [event for row in _event_rows(history) for event in row.events]


def _event_rows(history: TableHistory) -> Iterator[EventRow]:
    """Yield the rows of all event logs in their order, without gaps."""
    rows: defaultdict[str, list[EventRow]] = defaultdict(list)
    for row in of_type(history.now, EventRow):
        rows[row.member_id].append(row)
    heads = {head.member_id: head.sequence for head in of_type(history.now, EventLog)}
    for member_id, own in rows.items():
        own.sort(key=lambda row: row.sequence)
        if [row.sequence for row in own] != list(range(1, heads.get(member_id, 0) + 1)):
            raise OracleViolation(f"the event log of {NAME_OF[member_id]} has a gap")
        yield from own


def _check_ids(events: Sequence[Event]) -> None:
    """Check that each event has one id and one row."""
    repeated = [event for event, number in Counter(event.event_id for event in events).items() if number > 1]
    if repeated:
        event = next(event for event in events if event.event_id == repeated[0])
        raise OracleViolation(f"the event log has {event.kind} of {NAME_OF[event.member_id]} twice")


def _check_scheduled(events: Sequence[Event], bookings: Mapping[str, Booking], *, waits: bool) -> None:
    """Check that a session has an event of the clock once, at its instant. With `waits` an unmatched one must wait.

    A session that was booked later has the event at the instant of its booking.
    """
    for event, number in Counter((event.booking_id, event.kind, event.at) for event in events).items():
        booking_id, kind, at = event
        booking = bookings.get(booking_id or "")
        if booking is None or number > 1 or at != max(_due(booking, kind), booking.requested_at):
            raise OracleViolation(f"the event log has a false {kind}")
        if waits and kind is EventKind.UNMATCHED and booking.state is not State.WAITING:
            raise OracleViolation(f"{describe(booking)} is announced as unmatched")


def _due(booking: Booking, kind: EventKind) -> datetime:
    """Return the instant of an event of the clock. A second chance ends 10 minutes after the start (R38)."""
    if kind is EventKind.UNMATCHED and booking.seeks_again:
        return booking.slot.start + SECOND_CHANCE_UNTIL
    return booking.slot.start - INSTANTS[kind]


def check_starts(run: SimulationRun) -> None:
    """Check after an announcement of starts that none is missing. Raises OracleViolation."""
    if run.commit_oracle.clock_error or run.has_kept_records:
        return
    now = run.interleaver.now()
    announced = {(event.booking_id, event.kind) for event in _events(run.history)}
    for booking in _bookings(run).values():
        start = booking.slot.start
        if (booking.booking_id, EventKind.BOOKED) not in announced or not _is_seen(run.history, booking):
            continue
        if booking.active and start - INSTANTS[EventKind.STARTING] <= now < start:
            kind = EventKind.STARTING
        elif booking.state is State.WAITING and 0 <= (now - _due(booking, EventKind.UNMATCHED)) / A_MINUTE < 10:
            kind = EventKind.UNMATCHED
        else:
            continue
        if (booking.booking_id, kind) not in announced:
            raise OracleViolation(f"{describe(booking)} has no {kind}")


def _is_seen(history: TableHistory, booking: Booking) -> bool:
    """Return True if the owner still sees the session, with the account that booked it."""
    return _has_booked(account(history.now, booking.member_id), booking)


def _has_booked(owner: Account | None, booking: Booking) -> bool:
    """Return True if the account booked the session, and not a deleted one of the same person."""
    is_later = isinstance(owner, Profile) and owner.deleted_at is not None
    return isinstance(owner, Profile) and not (is_later and booking.requested_at < owner.member_since)


def _check_sequence(place: str, expected: Sequence[ExpectedEvent], found: Sequence[Event]) -> None:
    """Check that exactly the expected events were found, those of each session in their order."""
    wanted: defaultdict[str, list[ExpectedEvent]] = defaultdict(list)
    there: defaultdict[str, list[ExpectedEvent]] = defaultdict(list)
    for one in expected:
        wanted[one.booking_id].append(one)
    for event in found:
        there[event.booking_id or ""].append(_without_id(event))
    for booking_id in dict.fromkeys([*wanted, *there]):
        if wanted[booking_id] != there[booking_id]:
            raise OracleViolation(f"{place} has {_text(there[booking_id])} instead of {_text(wanted[booking_id])}")


def _check_messages(
    run: SimulationRun, expected: Sequence[ExpectedEvent], logged: Sequence[Event], bookings: Mapping[str, Booking]
) -> None:
    """Check the messages on the bus and in the queues. Each has an event of the log, or of a deleted account."""
    known = {event.event_id: event for event in logged}
    wanted = [_without_id(event) for event in logged]
    sent: defaultdict[str, dict[str, Event]] = defaultdict(dict)
    for message in run.messages:
        event = _event_of(message)
        if event.kind not in KINDS_OF_CHANGES:
            continue
        if known.get(event.event_id, event) != event:
            raise OracleViolation(f"{message.destination} has another event with the id of one in the log")
        if event.event_id not in known and _without_id(event) in wanted:
            raise OracleViolation(f"{message.destination} has {event.kind} with another id than the log")
        if _without_id(event) not in expected:
            raise OracleViolation(f"{message.destination} has {_text([_without_id(event)])}, which did not happen")
        _check_account(run, message, bookings[event.booking_id or ""])
        # The first message counts. A repeated one has the same id.
        sent[message.destination].setdefault(event.event_id, event)
    subscribers = _subscribers(run.history)
    for destination in (BUS, *QUEUES.values()):
        found = [event for event in sent[destination].values() if event.event_id in known]
        _check_sequence(destination, [one for one in wanted if _is_sent(one, destination, subscribers)], found)


def _subscribers(history: TableHistory) -> set[str]:
    """Return the members who subscribed before the run and have kept their accounts since."""
    deleted = {one.member_id for values in history.moments for one in of_type(values, Tombstone)}
    return {one.member_id for one in of_type(history.moments[0], NoticeSettings)} - deleted


def _is_sent(event: ExpectedEvent, destination: str, subscribers: Set[str]) -> bool:
    """Return True if the event goes to the destination."""
    if destination == BUS:
        return True
    return event.member_id in subscribers and (destination != QUEUES[Channel.WEBHOOK] or event.kind in WEBHOOK_KINDS)


def _event_of(message: SentMessage) -> Event:
    """Return the event of a message."""
    if message.destination != BUS:
        return delivery_from(message.entry["MessageBody"]).event
    detail = msgspec.json.decode(message.entry["Detail"])
    return Event(
        detail["id"],
        EventKind(message.entry["DetailType"]),
        detail["userId"],
        message.entry["Time"],
        Slot(datetime.fromisoformat(detail["startTime"]), detail["duration"] // 60_000),
        detail["sessionId"],
        detail["favoriteId"],
    )


def _check_account(run: SimulationRun, message: SentMessage, booking: Booking) -> None:
    """Check that the account of the booking was there at some moment of the invocation that sent the message (R33)."""
    moments = run.history.moments[message.began : message.moment + 1]
    owners = (account(values, booking.member_id) for values in moments)
    if not any(_has_booked(owner, booking) for owner in owners):
        raise OracleViolation(
            f"{message.destination} has an event of a deleted account of {NAME_OF[booking.member_id]}"
        )


def _without_id(event: Event) -> ExpectedEvent:
    return ExpectedEvent(event.member_id, event.booking_id or "", event.kind, event.at)


def _text(events: Sequence[ExpectedEvent]) -> str:
    if not events:
        return "no event"
    kinds = ", ".join(event.kind.removeprefix("session.") for event in events)
    return f"{NAME_OF.get(events[0].member_id, 'unknown')}'s events {kinds}"
