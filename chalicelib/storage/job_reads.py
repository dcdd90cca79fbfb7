"""The reads of stored jobs."""

from collections.abc import Iterator

from chalicelib.domain.decisions.write_set import Job
from chalicelib.storage import keys, queries
from chalicelib.storage.connection import Table
from chalicelib.storage.items import JobItem
from chalicelib.storage.mappers import job_from


def job_ids(table: Table, shard: int) -> Iterator[str]:
    """Yield the ids of the jobs of one partition that are not yet done, also of one that this version cannot read."""
    return (item.sk for item in queries.query(table, keys.jobs(shard), None) if isinstance(item, JobItem))


def job(table: Table, job_id: str) -> Job | None:
    """Return a job, or None if it is done."""
    item = queries.get(table, keys.job(job_id))
    return job_from(item) if isinstance(item, JobItem) else None
