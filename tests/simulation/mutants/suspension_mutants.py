"""Mutants of suspensions (R47), each with the operations whose random schedules find it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

from msgspec.structs import replace

from chalicelib.domain.decisions import decide_random
from chalicelib.domain.decisions.day_editor import DayEditor
from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.errors import Unauthenticated
from chalicelib.domain.model.member import PairRelations, Profile
from chalicelib.services.bookings import book, suspended_days
from chalicelib.services.bookings.sessions import SessionView
from chalicelib.services.context import Context
from chalicelib.services.members import profiles
from chalicelib.services.staff import suspend
from chalicelib.storage import transactions
from tests.simulation.engine.simulation_run import SimulationRun
from tests.simulation.mutants.known_bug_mutants import Place, replaced
from tests.simulation.scenarios.initial_states import initial_state
from tests.simulation.scenarios.operations import ActorOperation, UseCase
from tests.simulation.scenarios.schedules import random_schedule_of, run_schedule
from tests.simulation.scenarios.suspensions import LIFT_ADA, SUSPEND_ADA

MATCHED = "Ada and Ben are matched, Cy waits"
NO_BOOKING = "no slot is booked"
WAITING = "Ada waits at nine and after midnight"
EMPTY_DAY = "Cy has cancelled on Ada, who waits"
DELETED = "Ada has deleted the account"
MAX_SCHEDULES = 300


@dataclass(frozen=True, slots=True)
class SuspensionMutant:
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


MUTANTS: list[SuspensionMutant] = []
_staff_call = suspend.staff_call


def mutant(*places: Place, where: str = MATCHED, by: tuple[ActorOperation, ...] = (SUSPEND_ADA,)) -> Any:
    """Register a replacement of these places as a mutant. Its docstring is its name."""

    def note(replacement: Any) -> Any:
        name = replacement.__doc__.strip()
        MUTANTS.append(SuspensionMutant(name, where, by, partial(replaced, places, replacement)))
        return replacement

    return note


@mutant((suspend, "cancel_ahead"))
def cancel_nothing(_context: Context, _suspended: Profile) -> Iterator[None]:
    """Suspend a member and keep the bookings ahead."""
    return iter(())


@mutant(
    (suspended_days, "bump_days"),
    where=EMPTY_DAY,
    by=(ActorOperation(UseCase.SUSPEND, "Fay", "Cy"), ActorOperation(UseCase.BOOK, "Cy")),
)
def no_version_bump(_context: Context, _days: object) -> None:
    """Write only the days with a booking ahead, so that an earlier reader still books on the others."""


@mutant((book, "confirm_new_day"), where=NO_BOOKING, by=(SUSPEND_ADA, ActorOperation(UseCase.BOOK, "Ada")))
def no_second_look(_context: Context, view: SessionView) -> SessionView:
    """Answer a booking on a new day without another look at the account."""
    return view


@mutant((transactions, "_assert_suspended"), where=WAITING, by=(SUSPEND_ADA, LIFT_ADA))
def cancel_after_the_end(_transaction: object, _profile: Profile) -> None:
    """Cancel bookings without a check that the member is still suspended."""


@mutant((suspended_days, "DayEditor"))
class CancelOwnHalf(DayEditor):
    """Leave the partner paired with the cancelled booking of a suspended member."""

    def cancel(self, booking: Booking, **_: bool) -> None:
        """Cancel the booking alone."""
        self._save(booking.cancelled(self._now))


@mutant(
    (PairRelations, "may_meet"),
    where=WAITING,
    by=(SUSPEND_ADA, ActorOperation(UseCase.BOOK, "Cy"), ActorOperation(UseCase.LOCK, "Cy", "Ada")),
)
@property
def may_meet_all(relations: PairRelations) -> bool:
    """Pair and lock in a member who is suspended, and whose bookings are not cancelled yet."""
    one, other = relations.member, relations.other
    return one is not None and other is not None and one.member_id != other.member_id


@mutant((decide_random, "check_account"), by=(SUSPEND_ADA, ActorOperation(UseCase.BOOK, "Ada", slot="midnight")))
def book_while_suspended(account: Profile | None) -> None:
    """Let a suspended member book on a known day where no other member waits."""
    if account is None:
        raise Unauthenticated


@mutant((profiles, "is_suspended"), where=DELETED, by=(SUSPEND_ADA, ActorOperation(UseCase.RETURN, "Ada")))
def return_while_suspended(_account: object) -> bool:
    """Let a suspended member come back after a deletion of the account."""
    return False


@mutant((suspend, "staff_call"), by=(SUSPEND_ADA, LIFT_ADA))
def one_line_for_all(context: Context, staff_id: str) -> Any:
    """Write the lines of all acts under one key."""
    call = _staff_call(context, staff_id)
    return replace(call, line_id="one", at=call.at.replace(minute=0, second=0, microsecond=0))
