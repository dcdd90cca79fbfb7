"""Jobs, which part pairs after a block or erase an account in more than one transaction (R1, R33)."""

from chalicelib.domain.decisions.write_set import Job, JobKind
from chalicelib.domain.model.errors import Busy
from chalicelib.metrics import current_metrics
from chalicelib.services.context import Context
from chalicelib.services.members.blocked_pairs import unpair_blocked
from chalicelib.services.members.delete import erase
from chalicelib.storage import reads
from chalicelib.storage.errors import TableRequestFailed
from chalicelib.storage.keys import JOB_SHARDS

_RUN = {JobKind.PARTING: unpair_blocked, JobKind.DELETION: erase}


def run_job(context: Context, job: Job) -> None:
    """Run a job to its end and delete it. It is idempotent."""
    _RUN[job.kind](context, job)


def run_job_by_id(context: Context, job_id: str) -> None:
    """Run the job with this id, unless it is done."""
    job = reads.job(context.table, job_id)
    if job:
        run_job(context, job)


def run_jobs(context: Context) -> None:
    """Run every stored job. A job that fails now is left for a later run and delays no other."""
    for job in [job for shard in range(JOB_SHARDS) for job in reads.jobs(context.table, shard)]:
        try:
            run_job(context, job)
        except (Busy, TableRequestFailed):
            current_metrics().left += 1
