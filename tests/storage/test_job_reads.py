"""Reads of stored jobs."""

import pytest

from chalicelib.domain.decisions.write_set import Job, JobKind
from chalicelib.storage import job_reads, keys
from chalicelib.storage.mappers import job_item
from tests.batches import save
from tests.harness import World


@pytest.mark.parametrize("job_id", ["one", "two"])
def test_a_job_is_read_by_its_id_and_in_its_partition(world: World, job_id: str) -> None:
    job = Job(job_id, JobKind.PARTING, "A", "B")
    save(world.table, [job_item(job)])
    assert job_reads.job(world.table, job_id) == job
    assert job_reads.job(world.table, "missing") is None
    assert [found for shard in range(keys.JOB_SHARDS) for found in job_reads.job_ids(world.table, shard)] == [job_id]
    world.clear()
