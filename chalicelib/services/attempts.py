"""Read, decide, commit; and again from the start when a race was lost."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from chalicelib.domain.changes import Decision
from chalicelib.domain.draft import Outdated
from chalicelib.domain.errors import Busy
from chalicelib.services.lockstep import Lockstep
from chalicelib.storage.commit import commit
from chalicelib.storage.outcomes import NotCommitted, Overloaded, Unanswered

T = TypeVar("T")

ATTEMPTS = 8
# The pause before the next attempt is drawn between nothing and this, doubled each time; longer when the table is
# overloaded.
CONTENDED_PAUSE = 0.01
OVERLOADED_PAUSE = 0.1
LONGEST_PAUSE = 1.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of an operation.

    `operation` is the same for every try: a day that holds it was written by an earlier one whose answer was lost.
    """

    number: int
    operation: str
    now: datetime


def carry_out(lockstep: Lockstep, decide: Callable[[Attempt], Decision[T]]) -> T:
    """Let `decide` read and decide, commit what it wants written, and give its answer.

    A lost race is decided again from new reads, a few times with jitter. Raises Busy when every try was lost, and
    whatever Refusal `decide` raises.
    """
    operation = lockstep.token(8)
    in_doubt = False
    for number in range(1, ATTEMPTS + 1):
        try:
            now = lockstep.clock()
            decision = decide(Attempt(number, operation, now))
            commit(decision.changes, token=lockstep.token(26), now=now)
        except (NotCommitted, Outdated) as lost:
            in_doubt = in_doubt or isinstance(lost, Unanswered)
            longest = OVERLOADED_PAUSE if isinstance(lost, Overloaded) else CONTENDED_PAUSE
            lockstep.pause(lockstep.chance.uniform(0, min(LONGEST_PAUSE, longest * 2**number)))
        else:
            return decision.answer
    raise Busy(IN_DOUBT if in_doubt else None)


IN_DOUBT = "No answer came from the table. Look whether it was done before you ask again."
