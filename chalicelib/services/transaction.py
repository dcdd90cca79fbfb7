"""Read, decide, commit; and again from the start when a race was lost."""

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
from chalicelib.storage.errors import Conflict, NotCommitted, OutcomeUnknown, Throttled
from chalicelib.storage.transactions import commit

T = TypeVar("T")

ATTEMPTS = 8
# A table that does not answer is not asked again and again: the function has to answer itself.
UNKNOWN_OUTCOME_ATTEMPTS = 2
# The pause before the next attempt is drawn between nothing and this, doubled each time; longer when the table is
# overloaded.
CONFLICT_PAUSE = 0.01
THROTTLED_PAUSE = 0.1
LONGEST_PAUSE = 1.0


class Attempt(Struct, frozen=True):
    """One try of an operation.

    `operation` and `made` are the same for every try. A day that holds `operation` was written by an earlier one whose
    answer was lost; `made` is the random part of the id of what the operation makes, by which it is found again.
    `sought` grows by whomever a try would have paired: where there is a next one, a race for that member was lost.
    """

    number: int
    operation: str
    made: str
    now: datetime
    sought: list[str] = field(default_factory=list)


def run_transaction(context: Context, decide: Callable[[Attempt], Decision[T] | RecordedRefusal]) -> T:
    """Let `decide` read and decide, commit what it wants written, and give its answer.

    A lost race is decided again from new reads, a few times with jitter. Raises whatever Refusal `decide` raises, and
    Busy when every try was lost, or when one got no answer and the next was refused: then nobody knows.
    """
    operation, made = context.token(8), context.token(16)
    sought: list[str] = []
    observation = current_metrics()
    unanswered = 0
    for number in range(1, ATTEMPTS + 1):
        observation.tried(number)
        try:
            now = context.clock()
            decision = decide(Attempt(number, operation, made, now, sought))
            commit(context.table, decision.changes, token=context.token(26), now=now)
            if isinstance(decision, RecordedRefusal):
                raise decision.refusal
        except (NotCommitted, StaleRead) as lost:
            unanswered += isinstance(lost, OutcomeUnknown)
            if isinstance(lost, Conflict | StaleRead):
                observation.lost()
            if number == ATTEMPTS or unanswered == UNKNOWN_OUTCOME_ATTEMPTS:
                break
            context.pause(_pause(context, lost, number))
        except Refusal as refusal:
            if unanswered:
                raise Busy(OUTCOME_UNKNOWN_DETAIL) from refusal
            raise
        else:
            observation.commit_metrics.append(commit_metrics_of(decision.changes.days, now))
            return decision.answer
    raise Busy(OUTCOME_UNKNOWN_DETAIL if unanswered else None)


def _pause(context: Context, lost: Exception, number: int) -> float:
    longest = THROTTLED_PAUSE if isinstance(lost, Throttled) else CONFLICT_PAUSE
    return context.rng.uniform(0, min(LONGEST_PAUSE, longest * 2**number))
