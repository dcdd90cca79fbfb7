"""What the simulator has found stays mended: the smallest play that showed it, again."""

import pytest

from infra.simulation.faults import RequestFault
from infra.simulation.interleaved_client import PlannedFault
from tests.simulation.reporting.failure_report import failure_report
from tests.simulation.scenarios.initial_states import initial_state
from tests.simulation.scenarios.operations import ActorOperation, UseCase
from tests.simulation.scenarios.schedules import Schedule, run_schedule

MATCHED = "Ada and Ben are matched, Cy waits"
NO_ANSWER = PlannedFault(RequestFault.REQUEST_LOST, times=4)
FOUND = {
    # The block stood, and the answer said that nothing had been changed.
    "a block whose own days could not be read any more": Schedule(
        (ActorOperation(UseCase.BLOCK, "Ada", "Cy"),), plan={(0, 3): NO_ANSWER}
    ),
    # The session was edited, and the answer said that nothing had been changed.
    "an edited session whose partner could not be read": Schedule(
        (ActorOperation(UseCase.EDIT, "Ada"),), plan={(0, 5): NO_ANSWER}
    ),
    # The snooze was written a second time, since its end was stored without the fraction of a second.
    "a snooze whose answer was lost, with a block in between": Schedule(
        (ActorOperation(UseCase.SNOOZE, "Ada", "Cy"), ActorOperation(UseCase.BLOCK, "Ada", "Cy")),
        turns=(0, 0, 0, 0, 1),
        plan={(0, 2): PlannedFault(RequestFault.RESPONSE_LOST, times=4)},
    ),
    # Own days were read before a lock of the two who were matched already, and theirs after it: that was taken for R15.
    "two who are matched lock each other": Schedule(
        (ActorOperation(UseCase.LOCK, "Ada", "Ben"), ActorOperation(UseCase.LOCK, "Ben", "Ada")), turns=(0, 1)
    ),
    # Days were read before the first lock and the snooze after it: there was no moment to refuse the second in.
    "a lock asked for twice, and a snooze after the first": Schedule(
        (
            ActorOperation(UseCase.LOCK, "Ada", "Cy"),
            ActorOperation(UseCase.LOCK, "Ada", "Cy"),
            ActorOperation(UseCase.SNOOZE, "Ada", "Cy"),
        ),
        turns=(0, 0, 0, 0, 1, 0, 2, 1),
    ),
    # The pair was parted by a block that was taken back before it was.
    "a block that is taken back before the pair is parted": Schedule(
        (ActorOperation(UseCase.BLOCK, "Ada", "Ben"), ActorOperation(UseCase.UNBLOCK, "Ada", "Ben")),
        turns=(0, 0, 0, 0, 0, 1, 0, 0, 1),
    ),
    # The simulator's own mistake: a transaction that had been carried out was sent again, judged again, and refused.
    "a block whose answer was lost, of somebody who deletes the account then": Schedule(
        (ActorOperation(UseCase.BLOCK, "Cy", "Ada"), ActorOperation(UseCase.DELETE, "Ada")),
        turns=(0, 0, 0, 1),
        plan={(0, 2): PlannedFault(RequestFault.RESPONSE_LOST), (0, 3): PlannedFault(RequestFault.CONDITION)},
    ),
    # And another: a block that had been taken back was held to a pair that a third request had still to part.
    "a block, taken back, and said again before the first is answered": Schedule(
        (*[ActorOperation(UseCase.BLOCK, "Ada", "Ben")] * 2, ActorOperation(UseCase.UNBLOCK, "Ada", "Ben")),
        turns=(1, 2, 0, 0, 0, 2, 0, 0, 1, 0, 0, 0, 0, 0, 1),
    ),
    # Whoever was gone was told eight times over to ask again.
    "the same again of somebody whose account is going": Schedule(
        (ActorOperation(UseCase.DELETE, "Ada"), ActorOperation(UseCase.BOOK, "Ada", option="a key")),
        plan={(0, -1): PlannedFault(RequestFault.CRASH_AFTER)},
    ),
}


@pytest.mark.usefixtures("simulator")
@pytest.mark.parametrize("found", FOUND)
def test_what_was_found_stays_mended(found: str) -> None:
    run = run_schedule(initial_state(MATCHED), FOUND[found])
    assert run.violation is None, failure_report(run)
