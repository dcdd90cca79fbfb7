"""The event oracle finds each false event, and derives its own from the sessions that the API shows."""

from collections.abc import Callable
from dataclasses import replace as put
from datetime import timedelta
from itertools import islice

import pytest
from msgspec.structs import replace

from chalicelib.domain.model.event import EventKind
from tests.simulation.engine.operation_run import OracleViolation
from tests.simulation.engine.simulation_run import BUS, SimulationRun
from tests.simulation.oracles.event_oracle import check_events, expected_events
from tests.simulation.reporting.failure_report import failure_report
from tests.simulation.scenarios.cast import IDS
from tests.simulation.scenarios.initial_states import SUBSCRIBED, initial_state
from tests.simulation.scenarios.operation_pairs import concurrent, runs_in_every_order
from tests.simulation.scenarios.operations import ActorOperation, UseCase
from tests.simulation.scenarios.schedules import Schedule, run_schedule

pytestmark = pytest.mark.usefixtures("simulator")
MATCHED = f"Ada and Ben are matched, Cy waits{SUBSCRIBED}"
ANNOUNCE = ActorOperation(UseCase.ANNOUNCE)
MOST_ORDERS = 300
NEW = {
    (ActorOperation(UseCase.BOOK, "Dee"), "Dee"): [EventKind.BOOKED, EventKind.MATCHED],
    (ActorOperation(UseCase.BOOK, "Dee"), "Cy"): [EventKind.MATCHED],
    (ActorOperation(UseCase.CANCEL, "Ada"), "Ada"): [EventKind.CANCELLED],
    (ActorOperation(UseCase.CANCEL, "Ada"), "Ben"): [EventKind.PARTNER_CANCELLED],
    (ActorOperation(UseCase.LOCK, "Cy", "Ada"), "Ada"): [EventKind.LOCKED_IN],
    (ActorOperation(UseCase.LOCK, "Cy", "Ada"), "Ben"): [EventKind.DISPLACED],
    (ActorOperation(UseCase.EDIT, "Ada"), "Ada"): [EventKind.CHANGED],
    (ActorOperation(UseCase.EDIT, "Ada"), "Ben"): [EventKind.CHANGED],
    (ActorOperation(UseCase.SNOOZE, "Ada", "Ben"), "Ada"): [],
    (ActorOperation(UseCase.FAVORITE, "Ada", "Ben"), "Ben"): [],
}  # fmt: skip


@pytest.fixture
def run() -> SimulationRun:
    made = run_schedule(initial_state(MATCHED), Schedule((ActorOperation(UseCase.CANCEL, "Ada"), ANNOUNCE)))
    assert made.violation is None, failure_report(made)
    return made


@pytest.mark.parametrize(("operation", "member"), NEW, ids=str)
def test_r42_each_change_of_a_session_is_an_event(operation: ActorOperation, member: str) -> None:
    made = SimulationRun(initial_state(MATCHED), Schedule((operation,)).scenario())
    before = len(made.day_commits)
    made.run_alone(operation)
    found = [event for commit in made.day_commits[before:] for event in expected_events(commit)]
    assert [event.kind for event in found if event.member_id == IDS[member]] == NEW[operation, member]


def without_message(run: SimulationRun) -> None:
    run.messages = [message for message in run.messages if message.destination != BUS]


def with_message_of_another(run: SimulationRun) -> None:
    queued = next(message for message in run.messages if "session.matched" in message.entry.get("MessageBody", ""))
    body = queued.entry["MessageBody"].replace("session.matched", "session.locked_in")
    run.messages.append(put(queued, entry={**queued.entry, "MessageBody": body}))


def with_commit(run: SimulationRun) -> None:
    last = next(commit for commit in reversed(run.day_commits) if commit.after.member_id == IDS["Ben"])
    (booking,) = last.after.bookings
    after = replace(last.after, bookings=(replace(booking, title="changed"),))
    run.day_commits.append(put(last, before=last.after, after=after, at=last.at + timedelta(seconds=1)))


def without_commit(run: SimulationRun) -> None:
    run.day_commits = [commit for commit in run.day_commits if commit.after.member_id != IDS["Ben"]]


FORGED: dict[str, tuple[Callable[[SimulationRun], None], str]] = {
    "the bus lost its events": (without_message, "bus has no event instead of"),
    "a queue has another event with the same id": (with_message_of_another, "another event with the id"),
    "a commit has no event": (with_commit, "the event log has Ben's events .* instead of .*changed"),
    "events have no commit": (without_commit, "did not happen"),
}


@pytest.mark.parametrize("forged", FORGED)
def test_r42_a_false_event_is_found(run: SimulationRun, forged: str) -> None:
    forge, words = FORGED[forged]
    check_events(run)
    forge(run)
    with pytest.raises(OracleViolation, match=words):
        check_events(run)


@pytest.mark.long  # Hundreds of orders of an announcement and each operation.
@pytest.mark.parametrize(
    "operation",
    [
        ActorOperation(UseCase.BOOK, "Dee"),
        ActorOperation(UseCase.CANCEL, "Ada"),
        ActorOperation(UseCase.LOCK, "Cy", "Ada"),
        ActorOperation(UseCase.EDIT, "Ada"),
        ActorOperation(UseCase.ANNOUNCE, option="all records from the first"),
    ],
    ids=str,
)
def test_r42_events_are_right_in_each_order(operation: ActorOperation) -> None:
    for run in islice(runs_in_every_order(initial_state(MATCHED), concurrent(operation, ANNOUNCE)), MOST_ORDERS):
        assert run.violation is None, failure_report(run)
