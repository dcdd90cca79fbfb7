"""The simulator reads an account with the first reads of its use case, in both orders, as over HTTP (ADR 45)."""

import pytest

from chalicelib.domain.model.errors import Refusal, Suspended, Unauthenticated
from tests.simulation.engine.partial_order_reduction import access_of
from tests.simulation.engine.simulation_run import SimulationRun
from tests.simulation.reporting.failure_report import failure_report
from tests.simulation.scenarios.cast import IDS
from tests.simulation.scenarios.initial_states import INITIAL_STATES, initial_state
from tests.simulation.scenarios.operations import READERS_OF_ACCOUNT, ActorOperation, UseCase
from tests.simulation.scenarios.schedules import Schedule, run_schedule

pytestmark = pytest.mark.usefixtures("simulator")
MATCHED = "Ada and Ben are matched, Cy waits"
NO_BOOKING = "no slot is booked"
BOOKS = ActorOperation(UseCase.BOOK, "Ada")
CALLS = (
    ActorOperation(UseCase.BOOK, "Ada", slot="after midnight"),
    ActorOperation(UseCase.LOCK, "Ada", "Ben"),
    ActorOperation(UseCase.ACCEPT, "Ada", "Ben"),
    ActorOperation(UseCase.CANCEL, "Ada"),
    ActorOperation(UseCase.EDIT, "Ada"),
    ActorOperation(UseCase.JOIN, "Ada"),
    ActorOperation(UseCase.ASK, "Ada"),
)


def kinds(run: SimulationRun) -> list[str]:
    """Return the kind of each request of the first operation."""
    return ["account" if reads_account(run, at) else "other" for at, one in enumerate(run.sent) if one.actor == 0]


def reads_account(run: SimulationRun, at: int) -> bool:
    """Return True if the request reads the account of Ada and nothing else."""
    return bool(access_of(run.sent[at].request).keys == {(f"MEMBER#{IDS['Ada']}", "PROFILE")})


@pytest.mark.parametrize("operation", CALLS, ids=str)
def test_the_account_is_read_before_the_first_reads_and_after_them(operation: ActorOperation) -> None:
    runs = [run_schedule(initial_state(where), Schedule((operation,))) for where in INITIAL_STATES]
    assert {kinds(run)[0] for run in runs} == {"account", "other"}
    assert all("account" in kinds(run) for run in runs)


def test_every_use_case_that_reads_its_account_is_called() -> None:
    assert {operation.use_case for operation in CALLS} == READERS_OF_ACCOUNT


def test_a_begun_read_that_is_stale_is_read_again_by_the_retry() -> None:
    two = (ActorOperation(UseCase.CANCEL, "Ada"), ActorOperation(UseCase.CANCEL, "Ben"))
    # Ada's account and day are read, in either order, and then Ben cancels.
    run = run_schedule(initial_state(MATCHED), Schedule(two, turns=(0, 0, 1, *[0] * 8)))
    assert run.violation is None, failure_report(run)
    days = [line for line in run.trace() if line.startswith("Ada cancels at nine: get Ada day")]
    assert len(days) == 2


def test_a_caller_who_deletes_the_account_after_the_first_reads_is_refused_without_a_commit() -> None:
    # The first reads come before the account in this state, and the deletion commits in between.
    operation = ActorOperation(UseCase.BOOK, "Ada", option="a key")
    run = run_schedule(
        initial_state(MATCHED),
        Schedule((operation, ActorOperation(UseCase.DELETE, "Ada")), turns=(0, 0, 0, 1, 0, 1)),
    )
    assert run.violation is None, failure_report(run)
    assert kinds(run) == ["other", "other", "other", "account"]
    booked, _ = run.operation_runs[:2]
    assert (type(booked.refusal).__name__, booked.commits) == ("Unauthenticated", [])


@pytest.mark.parametrize(("refused", "by"), [(Suspended, UseCase.SUSPEND), (Unauthenticated, UseCase.DELETE)])
def test_a_caller_who_loses_the_account_after_the_first_reads_of_a_new_day_keeps_no_booking(
    refused: type[Refusal], by: UseCase
) -> None:
    """The account is not read between the first reads and the commit. The second look cancels what was booked."""
    changes = ActorOperation(by, "Ben", "Ada") if by is UseCase.SUSPEND else ActorOperation(by, "Ada")
    runs = [
        run_schedule(initial_state(NO_BOOKING), Schedule((BOOKS, changes), turns=(*[0] * requests, 1, *[0] * 40)))
        for requests in range(5)
    ]
    for run in runs:
        assert run.violation is None, failure_report(run)
    booked = [run.operation_runs[0] for run in runs]
    assert {type(one.refusal) for one in booked} == {refused}
    # The first three are refused before the commit. Then the change comes before the commit, and after it.
    assert [len(one.commits) for one in booked] == [0, 0, 0, 2, 1]
