"""Transactions of use cases, with their retries and refusals."""

from collections.abc import Callable
from random import Random

import pytest
from msgspec.structs import replace

from chalicelib.domain.decisions.day_editor import StaleRead
from chalicelib.domain.decisions.write_set import Decision, RecordedRefusal, WriteSet
from chalicelib.domain.model.errors import Busy, NotAvailable
from chalicelib.metrics import collect_metrics
from chalicelib.services.transaction import ATTEMPTS, OUTCOME_UNKNOWN_DETAIL, Attempt, run_transaction
from chalicelib.storage.errors import Conflict, OutcomeUnknown, Throttled
from tests.harness import World


class LongestPauses(Random):
    """A random generator that draws the upper bound of each range."""

    def uniform(self, a: float, b: float) -> float:
        return max(a, b)


def failing(*failures: Exception, attempts: list[Attempt]) -> Callable[[Attempt], Decision[str]]:
    """Return a decision that raises one failure at each attempt, and then succeeds."""

    def decide(attempt: Attempt) -> Decision[str]:
        attempts.append(attempt)
        if attempt.number <= len(failures):
            raise failures[attempt.number - 1]
        return Decision("answer")

    return decide


@pytest.mark.parametrize("failure", [Conflict(), StaleRead(), Throttled(), OutcomeUnknown()])
def test_a_retry_is_the_same_operation(world: World, failure: Exception) -> None:
    attempts: list[Attempt] = []
    with collect_metrics() as metrics:
        assert run_transaction(world.context, failing(failure, attempts=attempts)) == "answer"
    first, second = attempts
    assert (first.number, second.number) == (1, 2)
    assert (first.operation, first.id_token) == (second.operation, second.id_token)
    assert first.chosen_partners is second.chosen_partners
    conflicts = int(isinstance(failure, Conflict | StaleRead))
    assert (metrics.attempts, metrics.retries, metrics.conflicts) == (2, 1, conflicts)


def test_an_operation_is_busy_after_the_last_attempt(world: World) -> None:
    attempts: list[Attempt] = []
    with pytest.raises(Busy) as refusal:
        run_transaction(world.context, failing(*[Conflict()] * ATTEMPTS, attempts=attempts))
    assert (len(attempts), refusal.value.detail) == (ATTEMPTS, Busy.default_detail)


def test_a_second_unknown_outcome_ends_the_retries(world: World) -> None:
    attempts: list[Attempt] = []
    with pytest.raises(Busy) as refusal:
        run_transaction(world.context, failing(*[OutcomeUnknown()] * 2, attempts=attempts))
    assert (len(attempts), refusal.value.detail) == (2, OUTCOME_UNKNOWN_DETAIL)


def test_a_refusal_passes_unless_an_earlier_outcome_is_unknown(world: World) -> None:
    with pytest.raises(NotAvailable):
        run_transaction(world.context, failing(Conflict(), NotAvailable(), attempts=[]))
    with pytest.raises(Busy) as refusal:
        run_transaction(world.context, failing(OutcomeUnknown(), NotAvailable(), attempts=[]))
    assert refusal.value.detail == OUTCOME_UNKNOWN_DETAIL


def test_a_recorded_refusal_is_raised_after_its_commit(world: World) -> None:
    with pytest.raises(NotAvailable):
        run_transaction(world.context, lambda _attempt: RecordedRefusal(NotAvailable(), WriteSet()))


@pytest.mark.parametrize(
    ("failure", "bounds"),
    [(Conflict(), [0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.0]), (Throttled(), [0.2, 0.4, 0.8, 1.0, 1.0, 1.0, 1.0])],
)
def test_the_bound_of_the_backoff_doubles_up_to_a_second(world: World, failure: Exception, bounds: list[float]) -> None:
    pauses: list[float] = []
    context = replace(world.context, rng=LongestPauses(), pause=pauses.append)
    with pytest.raises(Busy):
        run_transaction(context, failing(*[failure] * ATTEMPTS, attempts=[]))
    assert pauses == pytest.approx(bounds)
