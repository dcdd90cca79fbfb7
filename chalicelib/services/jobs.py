"""Jobs, which part pairs after a block, erase an account or suspend one in several transactions (R1, R33, R47)."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from chalicelib.domain.decisions.write_set import Job, JobKind
from chalicelib.domain.model.errors import Busy
from chalicelib.metrics import current_metrics
from chalicelib.services.context import Context
from chalicelib.services.members.blocked_pairs import run_parting
from chalicelib.services.members.delete import erase
from chalicelib.services.staff.suspend import run_lifting, run_suspension
from chalicelib.storage import job_reads
from chalicelib.storage.errors import TableRequestFailed
from chalicelib.storage.keys import JOB_SHARDS

T = TypeVar("T")

_RUN = {
    JobKind.PARTING: run_parting,
    JobKind.DELETION: erase,
    JobKind.SUSPENSION: run_suspension,
    JobKind.LIFTING: run_lifting,
}


def run_job(context: Context, job: Job) -> None:
    """Run a job, and delete it once no request from before can be alive. It is idempotent."""
    _RUN[job.kind](context, job)


def run_job_by_id(context: Context, job_id: str) -> None:
    """Run the job with this id, unless it is done."""
    job = job_reads.job(context.table, job_id)
    if job:
        run_job(context, job)


def run_jobs(context: Context) -> None:
    """Run every stored job. A job that fails, for any reason, is left for a later run and delays no other."""
    for shard in range(JOB_SHARDS):
        for job_id in _or_later(partial(_job_ids, context, shard)) or ():
            _or_later(partial(run_job_by_id, context, job_id))


def _job_ids(context: Context, shard: int) -> list[str]:
    return list(job_reads.job_ids(context.table, shard))


def _or_later(work: Callable[[], T]) -> T | None:
    """Return the result of the work, or None if it fails and is left for a later run."""
    try:
        return work()
    except (Busy, TableRequestFailed):
        current_metrics().left += 1
    except Exception as error:  # noqa: BLE001 - it is logged, and does not stop other jobs
        current_metrics().left += 1
        current_metrics().error = error
    return None
