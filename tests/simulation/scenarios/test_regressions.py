"""The smallest schedule of each defect that the simulator fixed."""

import pytest

from infra.simulation.faults import RequestFault
from infra.simulation.interleaved_client import PlannedFault
from tests.simulation.reporting.failure_report import failure_report
from tests.simulation.scenarios.initial_states import initial_state
from tests.simulation.scenarios.operations import ActorOperation, UseCase
from tests.simulation.scenarios.schedules import Schedule, run_schedule

MATCHED = "Ada and Ben are matched, Cy waits"
NO_RESPONSE = PlannedFault(RequestFault.REQUEST_LOST, times=4)
FIXED = {
    # The block was stored, but the response said that nothing had changed.
    "a block whose own days cannot be read afterwards": Schedule(
        (ActorOperation(UseCase.BLOCK, "Ada", "Cy"),), plan={(0, 5): NO_RESPONSE}
    ),
    # The session was edited, but the response said that nothing had changed.
    "an edited session whose partner could not be read": Schedule(
        (ActorOperation(UseCase.EDIT, "Ada"),), plan={(0, 6): NO_RESPONSE}
    ),
    # The snooze was written twice, because its end was stored without fractions of a second.
    "a snooze with a lost response and a block in between": Schedule(
        (ActorOperation(UseCase.SNOOZE, "Ada", "Cy"), ActorOperation(UseCase.BLOCK, "Ada", "Cy")),
        turns=(0, 0, 0, 0, 1),
        plan={(0, 2): PlannedFault(RequestFault.RESPONSE_LOST, times=4)},
    ),
    # The booker's days were read before the other member's lock, and the target's days after it. The booker was refused
    # as if the target were locked in with a third member (R15).
    "two matched members lock each other": Schedule(
        (ActorOperation(UseCase.LOCK, "Ada", "Ben"), ActorOperation(UseCase.LOCK, "Ben", "Ada")), turns=(0, 0, 1)
    ),
    # The second lock read the days before the first lock and the snooze after it. No moment justified its refusal.
    "the same lock twice, and a snooze after the first": Schedule(
        (
            ActorOperation(UseCase.LOCK, "Ada", "Cy"),
            ActorOperation(UseCase.LOCK, "Ada", "Cy"),
            ActorOperation(UseCase.SNOOZE, "Ada", "Cy"),
        ),
        turns=(1, 0, 0, 2, 0, 0, 0, 0, 1, 0, 0, 0),
    ),
    # The block was removed before its pair was parted.
    "a block that is removed before the pair is parted": Schedule(
        (ActorOperation(UseCase.BLOCK, "Ada", "Ben"), ActorOperation(UseCase.UNBLOCK, "Ada", "Ben")),
        turns=(0, 0, 0, 0, 0, 1, 0, 0, 1),
    ),
    # A defect of the simulator: a committed transaction was repeated, evaluated again, and refused.
    "a block with a lost response, of a member who then deletes the account": Schedule(
        (ActorOperation(UseCase.BLOCK, "Cy", "Ada"), ActorOperation(UseCase.DELETE, "Ada")),
        turns=(0, 0, 0, 1),
        plan={(0, 2): PlannedFault(RequestFault.RESPONSE_LOST), (0, 3): PlannedFault(RequestFault.CONDITION)},
    ),
    # A defect of the simulator: a removed block was checked against a pair that a third request had still to part.
    "a block that is removed and set again before its first response": Schedule(
        (*[ActorOperation(UseCase.BLOCK, "Ada", "Ben")] * 2, ActorOperation(UseCase.UNBLOCK, "Ada", "Ben")),
        turns=(1, 2, 0, 0, 0, 2, 0, 0, 1, 0, 0, 0, 0, 0, 1),
    ),
    # A defect of the simulator: a lock that commits just after its owner's account was deleted counted as no commit.
    "a lock of a member who deletes the account just before its commit": Schedule(
        (ActorOperation(UseCase.LOCK, "Ada", "Cy"), ActorOperation(UseCase.DELETE, "Ada")), turns=(0, 0, 0, 0, 1, 0, 1)
    ),
    # A member with a deleted account was asked eight times to retry.
    "a repeated request of a member whose account is being deleted": Schedule(
        (ActorOperation(UseCase.DELETE, "Ada"), ActorOperation(UseCase.BOOK, "Ada", option="a key")),
        turns=(1, 0, 0, 0, 1, 0),
        plan={(0, -1): PlannedFault(RequestFault.CRASH_AFTER)},
    ),
    # A defect of the simulator: the second look erased the dates of a session past midnight in two commits.
    "a booking past midnight of a member whose account is erased before its commit": Schedule(
        (ActorOperation(UseCase.BOOK, "Dee", slot="midnight"), ActorOperation(UseCase.DELETE, "Dee")),
        turns=(0, 0, 0, 1, 0),
    ),
    # A defect of the simulator: a job of a later clock was taken for one that had been settled long ago.
    "a booking and a block of the same member with clocks a minute apart": Schedule(
        (ActorOperation(UseCase.BOOK, "Dee"), ActorOperation(UseCase.BLOCK, "Dee", "Cy")),
        turns=(0, 0, 0, 0, 0, 1),
        clocks=(57, 5),
    ),
}


@pytest.mark.usefixtures("simulator")
@pytest.mark.parametrize("fixed", FIXED)
def test_the_schedules_of_fixed_defects_have_no_violation(fixed: str) -> None:
    run = run_schedule(initial_state(MATCHED), FIXED[fixed])
    assert run.violation is None, failure_report(run)
