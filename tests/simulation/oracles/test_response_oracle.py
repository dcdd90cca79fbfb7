"""The response oracle finds each false response, and accepts the true one."""

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
    """Return the reply with another title of its session."""
    return replace(reply, view=replace(reply.view, booking=replace(reply.view.booking, title="another")))


def with_first(results: list[Any], result: Any) -> list[Any]:
    """Return the results of a batch with another first one."""
    return [result, *results[1:]]


Forge = Callable[[Any], Any]
FORGED: dict[str, tuple[tuple[ActorOperation, ...], Forge, str]] = {
    "the first response to a key is not the recorded one": ((BOOK,), retitled, "not the recorded response"),
    "a repeated request returns another session": ((BOOK, BOOK), retitled, "not the recorded response"),
    "a repeated request returns another status code": (
        (LOCK, LOCK), lambda reply: replace(reply, new=not reply.new), "not the recorded response"
    ),
    "a batch returns a session that never existed": (
        (BATCH,), lambda results: with_first(results, retitled(results[0])), "not the recorded response"
    ),
    "a batch refuses an item with a commit": (
        (BATCH,), lambda results: with_first(results, TimeConflict()), "has a commit and was refused"
    ),
    "a batch refuses an earlier booking without a reason": (
        (BOOK, BATCH), lambda results: [*results[:2], TimeConflict(), *results[3:]], "refused"
    ),
    "an edited session is shown in a state that never existed": (
        (EDIT,), lambda view: replace(view, booking=replace(view.booking, title="another")), "which never existed"
    ),
    "a returning member is signed in with a profile that is not stored": (
        (RETURN,), lambda profile: replace(profile, revision="another"), "without effect"
    ),
}  # fmt: skip


@pytest.mark.parametrize("forged", FORGED)
def test_a_false_response_is_found(forged: str) -> None:
    operations, forge, words = FORGED[forged]
    run = run_schedule(initial_state("Ada and Ben are matched, Cy waits"), Schedule(operations))
    assert run.violation is None
    last: OperationRun = run.operation_runs[len(operations) - 1]
    check_response(last, run.history, timedelta(0))
    with pytest.raises(OracleViolation, match=words):
        check_response(put(last, result=forge(last.result)), run.history, timedelta(0))
