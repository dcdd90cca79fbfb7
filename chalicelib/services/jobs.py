"""Finish what is too large for one transaction: parting after a block, erasing a deleted account (R1, R33)."""

from chalicelib.domain.decisions.write_set import Job, JobKind
from chalicelib.domain.model.errors import Busy
from chalicelib.metrics import current_metrics
from chalicelib.services.context import Context
from chalicelib.services.members.delete import erase
from chalicelib.services.members.unpair_blocked import unpair_blocked
from chalicelib.storage import reads
from chalicelib.storage.errors import NotCommitted
from chalicelib.storage.keys import JOB_SHARDS

_WORK = {JobKind.PARTING: unpair_blocked, JobKind.DELETION: erase}


def run_job(context: Context, job: Job) -> None:
    """Do a piece of work to its end, then forget it. Done twice, it has one effect."""
    _WORK[job.kind](context, job)


def do_chore_of(context: Context, job_id: str) -> None:
    """Do the piece of work of that id, unless it is done already."""
    job = reads.job(context.table, job_id)
    if job:
        run_job(context, job)


def run_jobs(context: Context) -> None:
    """Finish whatever work was begun and not finished; what cannot be done now holds nothing else up."""
    for job in [job for shard in range(JOB_SHARDS) for job in reads.jobs(context.table, shard)]:
        try:
            run_job(context, job)
        except (Busy, NotCommitted):
            current_metrics().left += 1
