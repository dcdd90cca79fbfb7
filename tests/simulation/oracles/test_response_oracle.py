"""Every answer is held against the table: one that is not true is found, and the true one in its place is not."""

from collections.abc import Callable
from dataclasses import replace as put
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.domain.model.errors import TimeConflict
from tests.simulation.engine.operation_run import OperationRun, OracleViolation
from tests.simulation.oracles.response_oracle import check_response
from tests.simulation.scenarios.initial_states import initial_state
from tests.simulation.scenarios.operations import ActorOperation, UseCase
from tests.simulation.scenarios.schedules import Schedule, run_schedule

pytestmark = pytest.mark.usefixtures("simulator")
BOOK = ActorOperation(UseCase.BOOK, "Dee", option="a key")
LOCK = ActorOperation(UseCase.LOCK, "Dee", "Ada", option="a key")
BATCH = ActorOperation(UseCase.BATCH, "Dee")
EDIT = ActorOperation(UseCase.EDIT, "Ada")
RETURN = ActorOperation(UseCase.RETURN, "Ada")


def retitled(reply: Any) -> Any:
    """The reply, but of a session with another title."""
    return replace(reply, view=replace(reply.view, booking=replace(reply.view.booking, title="another")))


def with_first(results: list[Any], result: Any) -> list[Any]:
    """The results of a batch, but for the first."""
    return [result, *results[1:]]


Forge = Callable[[Any], Any]
FORGED: dict[str, tuple[tuple[ActorOperation, ...], Forge, str]] = {
    "the first answer to a key is not the one that is stored": ((BOOK,), retitled, "something else is stored"),
    "who asks again is told of another session": ((BOOK, BOOK), retitled, "something else is stored"),
    "who asks again is told that it is not new": (
        (LOCK, LOCK), lambda reply: replace(reply, new=not reply.new), "something else is stored"
    ),
    "a batch tells of a session that never was": (
        (BATCH,), lambda results: with_first(results, retitled(results[0])), "something else is stored"
    ),
    "a batch refuses what it has done": (
        (BATCH,), lambda results: with_first(results, TimeConflict()), "more is refused than was not"
    ),
    "a batch refuses for no reason what was done before": (
        (BOOK, BATCH), lambda results: [*results[:2], TimeConflict(), *results[3:]], "refused"
    ),
    "an edited session is shown as it never was": (
        (EDIT,), lambda view: replace(view, booking=replace(view.booking, title="another")), "which never was"
    ),
    "who comes back is let in as somebody who is not stored": (
        (RETURN,), lambda profile: replace(profile, revision="another"), "not done"
    ),
}  # fmt: skip


@pytest.mark.parametrize("forged", FORGED)
def test_an_answer_that_is_not_true_is_found(forged: str) -> None:
    operations, forge, words = FORGED[forged]
    run = run_schedule(initial_state("Ada and Ben are matched, Cy waits"), Schedule(operations))
    assert run.violation is None
    last: OperationRun = run.operation_runs[len(operations) - 1]
    check_response(last, run.history, timedelta(0))
    with pytest.raises(OracleViolation, match=words):
        check_response(put(last, result=forge(last.result)), run.history, timedelta(0))
