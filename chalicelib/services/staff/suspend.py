"""Suspension of a member in two steps, like a deletion, and its end (R47).

The first step stores the suspension in the profile, with a job and the line of the log. From then on every credential
of the member is refused, and the member can neither book nor be paired. The second step cancels the bookings ahead,
takes the member from the list of due repeats and closes the live connections. The job repeats it until it is 1 minute
old, and so also cancels a booking of a request that died after its commit.
"""

from collections.abc import Iterator
from contextlib import suppress

from msgspec.structs import replace

from chalicelib.domain.decisions.write_set import Decision, Job, JobKind, ProfileChange, WriteSet
from chalicelib.domain.model import input_texts
from chalicelib.domain.model.errors import Busy, InvalidRequest, NotFound
from chalicelib.domain.model.ids import is_member_id
from chalicelib.domain.model.ledger_entry import LedgerKind
from chalicelib.domain.model.member import Account, Profile
from chalicelib.domain.model.staff_line import StaffAct
from chalicelib.domain.model.suspension import Suspension
from chalicelib.metrics import current_metrics
from chalicelib.services.bookings.suspended_days import cancel_ahead
from chalicelib.services.context import Context
from chalicelib.services.ledger import record, record_suspension
from chalicelib.services.notices.live_connections import end_connections
from chalicelib.services.repeats.paused_repeats import pause_repeats, resumed_repeats
from chalicelib.services.staff.staff_log import staff_call
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import reads
from chalicelib.storage.errors import TableRequestFailed

# Request units after which a request leaves the rest to the job (R36).
REQUEST_UNITS = 75


def suspend_member(context: Context, staff_id: str, member_id: str, reason: str) -> None:
    """Suspend a member, or replace the reason of a suspension. Raises NotFound without such a member.

    A deleted account can be suspended too, so that a return brings the person no way around it. Raises InvalidRequest
    for the member of staff, who could not lift it again.
    """
    if member_id == staff_id:
        raise InvalidRequest(input_texts.ONESELF, field="userId")
    call = staff_call(context, staff_id)

    def decide(attempt: Attempt) -> Decision[Job]:
        account = _account(context, member_id)
        job = _job_of(account, JobKind.SUSPENSION, attempt)
        if account.revision == attempt.operation:
            # An earlier attempt committed, but its response was lost.
            return Decision(job)
        # Whole seconds, like those of the job that records the end.
        since = account.suspension.at if account.suspension else call.at.replace(microsecond=0)
        suspended = replace(account, suspension=Suspension(since, reason, staff_id), revision=attempt.operation)
        line = call.line(StaffAct.SUSPENDED, user_id=member_id, reason=reason)
        return Decision(job, WriteSet(profile=ProfileChange(account, suspended), job=job, documents=(line,)))

    job = run_transaction(context, decide)
    # The stored job does the rest if this call fails or reaches its share.
    with suppress(Busy, TableRequestFailed):
        if job.kind is JobKind.SUSPENSION:
            run_suspension(context, job, most_units=REQUEST_UNITS)
        else:
            record_suspension(context, reads.account(context.table, member_id))


def lift_suspension(context: Context, staff_id: str, member_id: str) -> None:
    """End a suspension, and list the member for the next occurrences of the repeats. It is idempotent.

    What was cancelled stays so. Raises NotFound without such a member.
    """
    call = staff_call(context, staff_id)

    def decide(attempt: Attempt) -> Decision[Job | None]:
        account = _account(context, member_id)
        job = _job_of(account, JobKind.LIFTING, attempt)
        if account.suspension is None:
            # An earlier attempt may have committed, and its response was lost.
            return Decision(job if account.revision == attempt.operation else None)
        lifted = replace(account, suspension=None, revision=attempt.operation)
        documents = [call.line(StaffAct.LIFTED, user_id=member_id)]
        if isinstance(account, Profile):
            documents += resumed_repeats(context, member_id, attempt.now)
        return Decision(job, WriteSet(profile=ProfileChange(account, lifted), job=job, documents=tuple(documents)))

    job = run_transaction(context, decide)
    # The stored job records it if this call fails.
    with suppress(Busy, TableRequestFailed):
        if job and job.kind is JobKind.LIFTING:
            run_lifting(context, job)
        elif job:
            record(context, LedgerKind.LIFTED, member_id, call.at)


def run_suspension(context: Context, job: Job, *, most_units: float | None = None) -> None:
    """Cancel, pause and close what a suspended member has, and delete the job once it is 1 minute old.

    It is idempotent. With `most_units` it stops after these request units.
    """
    # Before the reads: what a request in flight has written is then found by them.
    is_settled = job.is_settled(context.clock())
    account = reads.profile(context.table, job.member_id)
    if account and account.suspension:
        spent = current_metrics().units
        for _ in _steps(context, account):
            if most_units is not None and current_metrics().units - spent > most_units:
                return
        # A suspension that is not in the ledger keeps its job.
        record_suspension(context, account)
    if is_settled:
        run_transaction(context, lambda _attempt: Decision(None, WriteSet(job_done=job)))


def _steps(context: Context, suspended: Profile) -> Iterator[None]:
    """Close, pause and cancel what the member has. Yield after each part."""
    end_connections(context, suspended.member_id)
    yield
    pause_repeats(context, suspended)
    yield from cancel_ahead(context, suspended)


def run_lifting(context: Context, job: Job) -> None:
    """Record the end of a suspension in the ledger, and delete the job. It is idempotent."""
    assert job.made_at  # noqa: S101 - every job of this kind has it
    record(context, LedgerKind.LIFTED, job.member_id, job.made_at.replace(microsecond=0))
    run_transaction(context, lambda _attempt: Decision(None, WriteSet(job_done=job)))


def _account(context: Context, member_id: str) -> Account:
    account = reads.account(context.table, member_id) if is_member_id(member_id) else None
    if account is None:
        raise NotFound
    return account


def _job_of(account: Account, kind: JobKind, attempt: Attempt) -> Job:
    """Return the job of a change of the account. The erasure of a deleted one begins again with its new revision."""
    kind = kind if isinstance(account, Profile) else JobKind.DELETION
    return Job(attempt.operation, kind, account.member_id, made_at=attempt.now)
