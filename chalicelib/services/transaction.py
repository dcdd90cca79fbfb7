"""Transactions of use cases, which read, decide and commit, and retry from the reads after a conflict."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from msgspec import Struct, field

from chalicelib.domain.decisions.commit_metrics import commit_metrics_of
from chalicelib.domain.decisions.day_editor import StaleRead
from chalicelib.domain.decisions.write_set import Decision, RecordedRefusal
from chalicelib.domain.model.errors import OUTCOME_UNKNOWN_DETAIL, Busy, Refusal
from chalicelib.metrics import current_metrics
from chalicelib.services.context import Context
from chalicelib.storage.errors import Conflict, OutcomeUnknown, TableRequestFailed, Throttled
from chalicelib.storage.transactions import commit

T = TypeVar("T")

ATTEMPTS = 8
# Two requests without a response use up the time that the function has for its own response.
UNKNOWN_OUTCOME_ATTEMPTS = 2
# Seconds. The backoff before a retry is drawn between 0 and this bound, which doubles with each attempt.
CONFLICT_PAUSE = 0.01
THROTTLED_PAUSE = 0.1
LONGEST_PAUSE = 1.0


class Attempt(Struct, frozen=True):
    """One attempt of an operation.

    `operation` and `id_token` are the same for all attempts. A day that holds `operation` was written by an earlier one
    whose response was lost. `id_token` is the random part of the id that the operation creates, so a retry finds
    it. `chosen_partners` lists the partners that earlier attempts chose. Their writes failed, or their outcome is
    unknown.
    """

    number: int
    operation: str
    id_token: str
    now: datetime
    chosen_partners: list[str] = field(default_factory=list)


def run_transaction(context: Context, decide: Callable[[Attempt], Decision[T] | RecordedRefusal]) -> T:
    """Commit the write set that `decide` returns, and return its answer.

    After a conflict `decide` runs again with new reads, up to 8 attempts with jittered backoff. Raises the Refusal that
    `decide` raises. Raises Busy if every attempt failed, if the outcomes of two are unknown, or if the outcome of one
    is unknown and a later one was refused.
    """
    operation, id_token = context.token(8), context.token(16)
    chosen_partners: list[str] = []
    metrics = current_metrics()
    unknown_outcomes = 0
    for number in range(1, ATTEMPTS + 1):
        metrics.count_attempt(number)
        try:
            now = context.clock()
            decision = decide(Attempt(number, operation, id_token, now, chosen_partners))
            commit(context.table, decision.changes, token=context.token(26), now=now)
            if isinstance(decision, RecordedRefusal):
                raise decision.refusal
        except (TableRequestFailed, StaleRead) as failure:
            unknown_outcomes += isinstance(failure, OutcomeUnknown)
            if isinstance(failure, Conflict | StaleRead):
                metrics.count_conflict()
            if number == ATTEMPTS or unknown_outcomes == UNKNOWN_OUTCOME_ATTEMPTS:
                break
            context.pause(backoff(context, failure, number))
        except Refusal as refusal:
            if unknown_outcomes:
                raise Busy(OUTCOME_UNKNOWN_DETAIL) from refusal
            raise
        else:
            metrics.commit_metrics.append(commit_metrics_of(decision.changes.days, now))
            return decision.answer
    raise Busy(OUTCOME_UNKNOWN_DETAIL if unknown_outcomes else None)


def backoff(context: Context, failure: Exception, number: int) -> float:
    """Return the jittered pause before the next attempt, in seconds."""
    bound = THROTTLED_PAUSE if isinstance(failure, Throttled) else CONFLICT_PAUSE
    return context.rng.uniform(0, min(LONGEST_PAUSE, bound * 2**number))
