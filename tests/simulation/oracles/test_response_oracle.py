"""Every answer is held against the table: one that is not true is found, and the true one in its place is not."""

from collections.abc import Callable
from dataclasses import replace as put
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.domain.model.errors import TimeConflict
from tests.simulation.engine.operation_run import Act, Violation
from tests.simulation.oracles.response_oracle import check_answer
from tests.simulation.scenarios.initial_states import scene
from tests.simulation.scenarios.operations import Operation, Verb
from tests.simulation.scenarios.scripts import Draft, played

pytestmark = pytest.mark.usefixtures("stage")
BOOK = Operation(Verb.BOOK, "Dee", manner="a key")
LOCK = Operation(Verb.LOCK, "Dee", "Ada", manner="a key")
BATCH = Operation(Verb.BATCH, "Dee")
EDIT = Operation(Verb.EDIT, "Ada")
RETURN = Operation(Verb.RETURN, "Ada")


def retitled(reply: Any) -> Any:
    """The reply, but of a session with another title."""
    return replace(reply, view=replace(reply.view, booking=replace(reply.view.booking, title="another")))


def with_first(results: list[Any], result: Any) -> list[Any]:
    """The results of a batch, but for the first."""
    return [result, *results[1:]]


Forge = Callable[[Any], Any]
FORGED: dict[str, tuple[tuple[Operation, ...], Forge, str]] = {
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
    play = played(scene("Ada and Ben are matched, Cy waits"), Draft(operations))
    assert play.violation is None
    last: Act = play.acts[len(operations) - 1]
    check_answer(last, play.held, timedelta(0))
    with pytest.raises(Violation, match=words):
        check_answer(put(last, answer=forge(last.answer)), play.held, timedelta(0))
