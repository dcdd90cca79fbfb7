"""Read, decide, commit; and again from the start when a race was lost."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from msgspec import Struct, field

from chalicelib.domain.changes import Decision, Denial
from chalicelib.domain.draft import Outdated
from chalicelib.domain.effects import effects_of
from chalicelib.domain.errors import Busy, Refusal
from chalicelib.observation import observed
from chalicelib.services.lockstep import Lockstep
from chalicelib.storage.commit import commit
from chalicelib.storage.outcomes import Contended, NotCommitted, Overloaded, Unanswered

T = TypeVar("T")

ATTEMPTS = 8
# A table that does not answer is not asked again and again: the function has to answer itself.
UNANSWERED_ATTEMPTS = 2
# The pause before the next attempt is drawn between nothing and this, doubled each time; longer when the table is
# overloaded.
CONTENDED_PAUSE = 0.01
OVERLOADED_PAUSE = 0.1
LONGEST_PAUSE = 1.0
IN_DOUBT = "No answer came from the table. Look whether it was done before you ask again."


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


def carry_out(lockstep: Lockstep, decide: Callable[[Attempt], Decision[T] | Denial]) -> T:
    """Let `decide` read and decide, commit what it wants written, and give its answer.

    A lost race is decided again from new reads, a few times with jitter. Raises whatever Refusal `decide` raises, and
    Busy when every try was lost, or when one got no answer and the next was refused: then nobody knows.
    """
    operation, made = lockstep.token(8), lockstep.token(16)
    sought: list[str] = []
    observation = observed()
    unanswered = 0
    for number in range(1, ATTEMPTS + 1):
        observation.tried(number)
        try:
            now = lockstep.clock()
            decision = decide(Attempt(number, operation, made, now, sought))
            commit(lockstep.table, decision.changes, token=lockstep.token(26), now=now)
            if isinstance(decision, Denial):
                raise decision.refusal
        except (NotCommitted, Outdated) as lost:
            unanswered += isinstance(lost, Unanswered)
            if isinstance(lost, Contended | Outdated):
                observation.lost()
            if number == ATTEMPTS or unanswered == UNANSWERED_ATTEMPTS:
                break
            lockstep.pause(_pause(lockstep, lost, number))
        except Refusal as refusal:
            if unanswered:
                raise Busy(IN_DOUBT) from refusal
            raise
        else:
            observation.effects.append(effects_of(decision.changes.days, now))
            return decision.answer
    raise Busy(IN_DOUBT if unanswered else None)


def _pause(lockstep: Lockstep, lost: Exception, number: int) -> float:
    longest = OVERLOADED_PAUSE if isinstance(lost, Overloaded) else CONTENDED_PAUSE
    return lockstep.chance.uniform(0, min(LONGEST_PAUSE, longest * 2**number))
