"""Two deployments in one process use only their own tables, also in threads."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from chalicelib.domain.decisions.write_set import Job, JobKind, WriteSet
from chalicelib.metrics import collect_metrics
from chalicelib.storage import job_reads, keys, queries, raw_reads, reads
from chalicelib.storage.connection import USER_AGENT, Table
from chalicelib.storage.items import JobItem
from chalicelib.storage.transactions import commit
from infra.local.aws import REGION
from infra.table import create_table
from tests.batches import delete
from tests.harness import MONDAY, World, at
from tests.table_snapshot import read_whole_table

NINE = at(1)
# The ids of jobs in both tables.
JOB_IDS = [f"{number}" for number in range(8)]
THREADS = 8


@pytest.fixture
def tables(engine: str) -> Iterator[list[Table]]:
    """Two empty tables on one engine."""
    both = [Table(name, region=REGION, endpoint=engine) for name in ("one-of-two", "another-of-two")]
    for table in both:
        create_table(table.connection.client, table.table_name)
        delete(table, read_whole_table(table))
    yield both
    for table in both:
        table.connection.client.close()


def write(table: Table, job_id: str) -> None:
    """Commit a job that contains the name of its table."""
    job = Job(job_id, JobKind.PARTING, table.table_name, "another")
    commit(table, WriteSet(job=job), token=uuid4().hex, now=MONDAY)


def test_each_read_sees_the_items_of_its_own_table(tables: list[Table]) -> None:
    one, another = tables
    wanted = {keys.job(job_id) for job_id in JOB_IDS}
    for job_id in JOB_IDS[:-1]:
        for table in tables:
            write(table, job_id)
    write(one, JOB_IDS[-1])
    for table, count in ((one, len(JOB_IDS)), (another, len(JOB_IDS) - 1)):
        found = queries.batch(table, wanted, consistent=True).values()
        assert [item.member_id for item in found if isinstance(item, JobItem)] == [table.table_name] * count
        assert len(raw_reads.items(table, wanted)) == len(raw_reads.items_at_one_instant(table, wanted)) == count
        assert len(raw_reads.open_jobs(table)) == count
    assert job_reads.job(one, JOB_IDS[-1]) is not None
    assert job_reads.job(another, JOB_IDS[-1]) is None


def test_two_queries_can_alternate_between_their_pages(tables: list[Table]) -> None:
    for job_id in JOB_IDS:
        for table in tables:
            write(table, job_id)
    partition = keys.job(JOB_IDS[0]).pk
    pages = [queries.query(table, partition, None, page=1) for table in tables]
    found = list(zip(*pages, strict=True))
    assert len(found) > 1
    for one, another in found:
        assert (one.sk, one.member_id, another.member_id) == (another.sk, *(table.table_name for table in tables))


def test_threads_of_two_tables_share_no_items(tables: list[Table]) -> None:
    """Each thread writes an item to its table and reads it. Both tables have the same keys."""

    def write_and_read(table: Table, job_id: str) -> tuple[str, str]:
        write(table, job_id)
        job = job_reads.job(table, job_id)
        assert job is not None
        return table.table_name, job.member_id

    one, another = tables
    with one.parallel(THREADS) as some, another.parallel(THREADS) as others:
        work = [
            threads.submit(write_and_read, table, job_id)
            for job_id in JOB_IDS
            for threads, table in ((some, one), (others, another))
        ]
        assert all(wanted == found for wanted, found in (done.result() for done in work))
    assert [len(read_whole_table(table)) for table in tables] == [len(JOB_IDS)] * 2


def test_members_of_two_deployments_are_never_matched(world: World, tables: list[Table]) -> None:
    one, another = (World(world.settings, world.streams, table) for table in tables)
    ada, ben, cy = one.member("Ada"), another.member("Ben"), one.member("Cy")
    one.book(ada, NINE)
    another.book(ben, NINE)
    assert (one.state(ada, NINE), another.state(ben, NINE)) == (("waiting", None), ("waiting", None))
    one.book(cy, NINE)
    assert (one.state(ada, NINE), another.state(ben, NINE)) == (("matched", "Cy"), ("waiting", None))


def test_a_parallel_request_runs_in_the_context_of_its_caller(tables: list[Table]) -> None:
    table, _ = tables
    with collect_metrics() as outside, table.parallel(1) as threads:
        threads.submit(reads.profile, table, "missing").result()
    assert outside.read_units == 1


def test_the_capacity_of_reads_and_writes_is_counted_apart(tables: list[Table], pytestconfig: pytest.Config) -> None:
    # DynamoDB Local charges transactions by a rule of its own.
    charged = 4 if pytestconfig.getoption("--reference") else 2
    table, _ = tables
    with collect_metrics() as counted:
        write(table, JOB_IDS[0])
    assert (counted.read_units, counted.write_units) == (0, charged)
    with collect_metrics() as counted:
        job_reads.job(table, JOB_IDS[0])
    assert (counted.read_units, counted.write_units) == (1, 0)


def test_requests_name_the_service_as_their_user_agent(tables: list[Table]) -> None:
    table, _ = tables
    assert table.connection.client.meta.config.user_agent == USER_AGENT
