"""Mutants of joining and of second chances (R37, R38), each with the operations whose random schedules find it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from random import Random
from typing import Any

from msgspec.structs import replace

from chalicelib.domain.decisions import day_events
from chalicelib.domain.decisions.day_editor import DayEditor
from chalicelib.domain.model.booking import Booking, ChangeKind, State
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.errors import NotAvailable
from chalicelib.domain.model.event import Event, EventKind
from chalicelib.services.notices import day_changes
from chalicelib.services.rooms import second_chance
from chalicelib.services.slot_matching import match_slot, rematch, scheduled_matching
from chalicelib.storage import queue_reads, transactions
from chalicelib.storage.day_mappers import day_item
from chalicelib.storage.writes import Transaction
from tests.simulation.engine.simulation_run import SimulationRun
from tests.simulation.mutants.known_bug_mutants import Place, replaced
from tests.simulation.scenarios.initial_states import SUBSCRIBED, initial_state
from tests.simulation.scenarios.operations import ActorOperation, UseCase
from tests.simulation.scenarios.schedules import random_schedule_of, run_schedule

BOTH_ALONE = "Ada and Cy have joined, their partners Ben and Dee have not"
ABOUT_TO_END = "second chances are about to end, Ada and Cy have joined, Ben and Dee have not"
BOTH_THERE = "Ada and Ben have joined, Cy asks for another partner, Eve is unmatched"
LOST_BEFORE = "Ada has joined and lost Ben before the start, Cy has joined, Dee has not"
ADA_ASKS, CY_ASKS = (ActorOperation(UseCase.ASK, name) for name in ("Ada", "Cy"))
BEN_JOINS = ActorOperation(UseCase.JOIN, "Ben")
MAX_SCHEDULES = 300


@dataclass(frozen=True, slots=True)
class SecondChanceMutant:
    """A mutant with the initial state and the operations of its schedules."""

    name: str
    where: str
    operations: tuple[ActorOperation, ...]
    apply: Callable[[], Any]

    def find(self) -> SimulationRun | None:
        """Return the first run of a random schedule with a violation, or None."""
        # The deployed code makes the initial state.
        initial_state(self.where)
        with self.apply():
            runs = (self.run(number) for number in range(MAX_SCHEDULES))
            return next((run for run in runs if run.violation), None)

    def run(self, number: int) -> SimulationRun:
        """Run the random schedule of that number."""
        rng = Random(f"{self.name} {number}")
        operations = tuple(rng.sample(self.operations, len(self.operations)))
        return run_schedule(initial_state(self.where), random_schedule_of(operations, rng))


MUTANTS: list[SecondChanceMutant] = []


@contextmanager
def _together(*parts: AbstractContextManager[None]) -> Iterator[None]:
    """Replace several places by several replacements."""
    with ExitStack() as stack:
        for part in parts:
            stack.enter_context(part)
        yield


_check_may_seek, _may_be_matched, _seeking_again, _missed = (
    second_chance.check_may_seek,
    Booking.may_be_matched,
    Booking.seeking_again,
    Booking.missed,
)
_seek_again, _join, _put_day, _day_events, _loss = (
    DayEditor.seek_again,
    DayEditor.join,
    transactions._put_day,
    day_events.day_events,
    day_events._loss,
)


def mutant(*places: Place, where: str = BOTH_ALONE, by: tuple[ActorOperation, ...]) -> Any:
    """Register a function as a mutant that replaces these places. Its docstring is its name."""

    def note(replacement: Any) -> Any:
        name = replacement.__doc__.strip()
        MUTANTS.append(SecondChanceMutant(name, where, by, partial(replaced, places, replacement)))
        return replacement

    return note


@mutant((second_chance, "check_may_seek"), where=BOTH_THERE, by=(ADA_ASKS,))
def seek_beside_partner(booking: Booking, now: datetime) -> None:
    """Give up a partner who has joined."""
    partner = booking.partner and replace(booking.partner, joined_at=None)
    _check_may_seek(replace(booking, partner=partner), now)


@mutant((second_chance, "check_may_seek"), by=(ActorOperation(UseCase.ASK, "Ben"),))
def seek_without_joining(booking: Booking, now: datetime) -> None:
    """Give up a partner without having joined."""
    partner = booking.partner and replace(booking.partner, joined_at=None)
    _check_may_seek(replace(booking, joined_at=now, partner=partner), now)


@mutant((second_chance, "check_may_seek"), where=ABOUT_TO_END, by=(ADA_ASKS, CY_ASKS))
def seek_at_any_time(booking: Booking, _now: datetime) -> None:
    """Give up a partner later than 10 minutes after the start."""
    _check_may_seek(booking, booking.slot.start + second_chance.SECOND_CHANCE_FROM)


def _write_unconditionally(transaction: Transaction, change: Any, *, when: Callable[[Booking], object]) -> None:
    """Write a day without a check for writes since the read, if a booking differs in what `when` returns."""
    held = {booking.booking_id: when(booking) for booking in change.before.bookings}
    if any(when(booking) != held.get(booking.booking_id) for booking in change.after.bookings):
        transaction.save(day_item(change.after))
    else:
        _put_day(transaction, change)


@mutant((transactions, "_put_day"), by=(ADA_ASKS, ActorOperation(UseCase.BOOK, "Ben", slot="midnight")))
def write_absent_day_unconditionally(transaction: Transaction, change: Any) -> None:
    """Write the day of the absent partner without a check for writes since the read."""
    _write_unconditionally(transaction, change, when=lambda booking: booking.state is State.MISSED)


@mutant((transactions, "_put_day"), by=(ADA_ASKS, BEN_JOINS))
def ask_unconditionally(transaction: Transaction, change: Any) -> None:
    """Write both days of an ask without a check for a join since the read."""
    _write_unconditionally(
        transaction, change, when=lambda booking: (booking.state is State.MISSED, booking.seeks_again)
    )


@mutant((transactions, "_put_day"), by=(ADA_ASKS, BEN_JOINS))
def join_unconditionally(transaction: Transaction, change: Any) -> None:
    """Write both days of a join without a check for an ask since the read."""
    _write_unconditionally(
        transaction,
        change,
        when=lambda booking: (booking.joined_at, booking.partner and booking.partner.joined_at),
    )


@mutant((Booking, "may_be_matched"), where=ABOUT_TO_END, by=(ADA_ASKS, CY_ASKS, ActorOperation(UseCase.DELIVER)))
def match_for_ever(booking: Booking, now: datetime) -> bool:
    """Pair members who ask later than 10 minutes after the start."""
    return booking.state is State.WAITING and (booking.seeks_again or now < booking.slot.start)


def match_unmatched(booking: Booking, now: datetime) -> bool:
    """Return whether a booking waits, also after the start without a second chance."""
    return booking.state is State.WAITING and now < booking.slot.start + second_chance.SECOND_CHANCE_UNTIL


MUTANTS.append(
    SecondChanceMutant(
        "Pair a member who asks with one who stayed unmatched at the start.",
        BOTH_THERE,
        (ActorOperation(UseCase.FINALIZE), ActorOperation(UseCase.DELIVER)),
        lambda: _together(
            replaced(((Booking, "may_be_matched"),), match_unmatched),
            replaced(((queue_reads, "seeking_in"),), match_slot._waiting),
        ),
    )
)


@mutant((Booking, "seeking_again"), by=(ADA_ASKS,))
def seek_without_first_time(booking: Booking, now: datetime) -> Booking:
    """Drop the time at which a member joined who asks for another partner."""
    return replace(_seeking_again(booking, now), joined_at=None)


@mutant((Booking, "seeking_again"), by=(ADA_ASKS, CY_ASKS))
def seek_since_booking(booking: Booking, now: datetime) -> Booking:
    """Queue a member who asks at the place of the booking, before the start."""
    seeking = _seeking_again(booking, now)
    position = seeking.queue_position
    return replace(seeking, queue_position=position and replace(position, since=booking.requested_at))


@mutant((second_chance, "check_may_seek"), where=LOST_BEFORE, by=(ADA_ASKS,))
def refuse_after_a_lost_partner(booking: Booking, now: datetime) -> None:
    """Refuse a member who joined and lost the partner before the start."""
    if booking.partner is None and not booking.seeks_again:
        raise NotAvailable(second_chance.NO_PARTNER_DETAIL)
    _check_may_seek(booking, now)


@mutant((Booking, "missed"), by=(ADA_ASKS,))
def cancel_absent_booking(booking: Booking) -> Booking:
    """Cancel the session of the absent partner instead of marking it as missed."""
    return booking.cancelled(booking.slot.start)


@mutant((DayEditor, "seek_again"), by=(ADA_ASKS,))
def leave_absent_partner_waiting(editor: DayEditor, booking: Booking, **_: bool) -> Booking:
    """Let the absent partner wait for another member, as after a cancel."""
    editor._wait(editor._partner_of(booking), ChangeKind.PARTNER_CANCELLED)
    seeking = booking.seeking_again(editor._now)
    editor._save(seeking)
    return seeking


@mutant((DayEditor, "seek_again"), by=(ADA_ASKS,))
def leave_absent_partner_paired(editor: DayEditor, booking: Booking, **_: bool) -> Booking:
    """Write the day of the member who asks only."""
    seeking = booking.seeking_again(editor._now)
    editor._save(seeking)
    return seeking


@mutant((DayEditor, "join"), by=(BEN_JOINS,))
def join_for_oneself(editor: DayEditor, booking: Booking) -> Booking:
    """Write the time of joining into the own day only."""
    joined = replace(booking, joined_at=editor._now.replace(microsecond=0))
    editor._save(joined)
    return joined


MUTANTS.append(
    SecondChanceMutant(
        "Pair members who ask neither by the stream nor by the schedule.",
        BOTH_ALONE,
        (ADA_ASKS, CY_ASKS),
        lambda: _together(
            replaced(((second_chance, "match_slot"),), lambda *_, **__: None),
            replaced(((rematch, "may_ask_again"),), lambda *_: False),
            replaced(((rematch, "match_waiting"),), lambda *_: None),
            replaced(((scheduled_matching, "SECOND_CHANCE_FROM"),), scheduled_matching.SECOND_CHANCE_UNTIL),
        ),
    )
)
_ANNOUNCED = (ADA_ASKS, ActorOperation(UseCase.ANNOUNCE))


@mutant((day_changes, "day_events"), where=BOTH_ALONE + SUBSCRIBED, by=_ANNOUNCED)
def no_missed_event(before: Day | None, after: Day, at: datetime) -> list[Event]:
    """Derive no event session.missed."""
    return [event for event in _day_events(before, after, at) if event.kind is not EventKind.MISSED]


@mutant((day_changes, "day_events"), where=BOTH_ALONE + SUBSCRIBED, by=_ANNOUNCED)
def no_event_of_ask(before: Day | None, after: Day, at: datetime) -> list[Event]:
    """Derive no event from an ask for the member who asks."""
    return [event for event in _day_events(before, after, at) if event.kind is not EventKind.CHANGED]


@mutant((day_events, "_loss"), where=BOTH_ALONE + SUBSCRIBED, by=_ANNOUNCED)
def loss_by_stale_change(before: Booking, after: Booking) -> EventKind | None:
    """Report the partner of a member who asks as cancelled."""
    return EventKind.PARTNER_CANCELLED if before.partner and after.partner is None else _loss(before, after)
