"""Acts of staff on a test's deployment, and requests that a suspension meets on their way (R47)."""

import threading
from collections.abc import Callable

from msgspec.structs import replace

from chalicelib.domain.decisions.write_set import Decision, Job, JobKind, ProfileChange, WriteSet
from chalicelib.domain.model.errors import Refusal
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.suspension import Suspension
from chalicelib.services.staff.suspend import lift_suspension, suspend_member
from chalicelib.services.transaction import run_transaction
from chalicelib.storage import reads
from tests.fault_proxy import FaultProxy
from tests.harness import RenderedReply, World

SOL = "0" * 24
REASON = "Rude in the room"


def suspend(world: World, member: Profile, reason: str = REASON) -> None:
    """Suspend a member as Sol, who is staff."""
    suspend_member(world.context, SOL, member.member_id, reason)


def lift(world: World, member: Profile) -> None:
    """End a suspension as Sol."""
    lift_suspension(world.context, SOL, member.member_id)


def begin_to_suspend(world: World, member: Profile) -> Job:
    """Commit only the first transaction of a suspension, as a crash would leave it."""
    before = reads.profile(world.table, member.member_id)
    assert before is not None
    job = Job(world.context.token(8), JobKind.SUSPENSION, member.member_id, made_at=world.now)
    after = replace(before, suspension=Suspension(world.now, REASON, SOL), revision=job.job_id)
    changes = WriteSet(profile=ProfileChange(before, after), job=job)
    run_transaction(world.context, lambda _attempt: Decision(None, changes))
    return job


def begun_suspension(world: World, member: Profile) -> Profile:
    """Begin to suspend a member, and return the stored profile."""
    begin_to_suspend(world, member)
    stored = reads.profile(world.table, member.member_id)
    assert stored
    return stored


def meanwhile(faults: FaultProxy, request: Callable[[], RenderedReply], change: Callable[[], None]) -> str:
    """Make a change while the transaction of a request is on its way, and return the body or the code of a refusal."""
    answers: list[str] = []

    def send() -> None:
        try:
            answers.append(request().body)
        except Refusal as refusal:
            answers.append(refusal.code)

    faults.hold_next()
    sending = threading.Thread(target=send)
    sending.start()
    assert faults.held.wait(60)
    change()
    faults.release_held()
    sending.join()
    (answer,) = answers
    return answer
