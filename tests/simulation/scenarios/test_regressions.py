"""What the simulator has found stays mended: the smallest play that showed it, again."""

import pytest

from infra.simulation.faults import Fault
from infra.simulation.interleaved_client import Planned
from tests.simulation.reporting.failure_report import story
from tests.simulation.scenarios.initial_states import scene
from tests.simulation.scenarios.operations import Operation, Verb
from tests.simulation.scenarios.scripts import Draft, played

MATCHED = "Ada and Ben are matched, Cy waits"
NO_ANSWER = Planned(Fault.REQUEST_LOST, times=4)
FOUND = {
    # The block stood, and the answer said that nothing had been changed.
    "a block whose own days could not be read any more": Draft(
        (Operation(Verb.BLOCK, "Ada", "Cy"),), plan={(0, 3): NO_ANSWER}
    ),
    # The session was edited, and the answer said that nothing had been changed.
    "an edited session whose partner could not be read": Draft(
        (Operation(Verb.EDIT, "Ada"),), plan={(0, 5): NO_ANSWER}
    ),
    # The snooze was written a second time, since its end was stored without the fraction of a second.
    "a snooze whose answer was lost, with a block in between": Draft(
        (Operation(Verb.SNOOZE, "Ada", "Cy"), Operation(Verb.BLOCK, "Ada", "Cy")),
        turns=(0, 0, 0, 0, 1),
        plan={(0, 2): Planned(Fault.ANSWER_LOST, times=4)},
    ),
    # Own days were read before a lock of the two who were matched already, and theirs after it: that was taken for R15.
    "two who are matched lock each other": Draft(
        (Operation(Verb.LOCK, "Ada", "Ben"), Operation(Verb.LOCK, "Ben", "Ada")), turns=(0, 1)
    ),
    # Days were read before the first lock and the snooze after it: there was no moment to refuse the second in.
    "a lock asked for twice, and a snooze after the first": Draft(
        (Operation(Verb.LOCK, "Ada", "Cy"), Operation(Verb.LOCK, "Ada", "Cy"), Operation(Verb.SNOOZE, "Ada", "Cy")),
        turns=(0, 0, 0, 0, 1, 0, 2, 1),
    ),
    # The pair was parted by a block that was taken back before it was.
    "a block that is taken back before the pair is parted": Draft(
        (Operation(Verb.BLOCK, "Ada", "Ben"), Operation(Verb.UNBLOCK, "Ada", "Ben")),
        turns=(0, 0, 0, 0, 0, 1, 0, 0, 1),
    ),
    # The simulator's own mistake: a transaction that had been carried out was sent again, judged again, and refused.
    "a block whose answer was lost, of somebody who deletes the account then": Draft(
        (Operation(Verb.BLOCK, "Cy", "Ada"), Operation(Verb.DELETE, "Ada")),
        turns=(0, 0, 0, 1),
        plan={(0, 2): Planned(Fault.ANSWER_LOST), (0, 3): Planned(Fault.CONDITION)},
    ),
    # And another: a block that had been taken back was held to a pair that a third request had still to part.
    "a block, taken back, and said again before the first is answered": Draft(
        (*[Operation(Verb.BLOCK, "Ada", "Ben")] * 2, Operation(Verb.UNBLOCK, "Ada", "Ben")),
        turns=(1, 2, 0, 0, 0, 2, 0, 0, 1, 0, 0, 0, 0, 0, 1),
    ),
    # Whoever was gone was told eight times over to ask again.
    "the same again of somebody whose account is going": Draft(
        (Operation(Verb.DELETE, "Ada"), Operation(Verb.BOOK, "Ada", manner="a key")),
        plan={(0, -1): Planned(Fault.CRASH_AFTER)},
    ),
}


@pytest.mark.usefixtures("stage")
@pytest.mark.parametrize("found", FOUND)
def test_what_was_found_stays_mended(found: str) -> None:
    play = played(scene(MATCHED), FOUND[found])
    assert play.violation is None, story(play)
