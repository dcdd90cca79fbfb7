"""The requests that read items, across the limits of one request."""

from chalicelib.domain.decisions.write_set import Job, JobKind
from chalicelib.storage import keys, queries
from chalicelib.storage.items import Item
from chalicelib.storage.keys import Key
from chalicelib.storage.mappers import job_item
from tests.batches import put, save
from tests.harness import World

PARTITION = keys.jobs(0)
# In the order of their sort keys.
JOB_IDS = [job_id for n in range(500) if keys.job(job_id := f"{n:03}").pk == PARTITION][:150]


def jobs(number: int) -> list[Item]:
    """Return that number of jobs, all in one partition."""
    return [job_item(Job(job_id, JobKind.PARTING, "A", "B")) for job_id in JOB_IDS[:number]]


def sort_keys(items: list[Item]) -> list[str]:
    return [item.sk for item in items]


def test_a_missing_item_is_none(moto_world: World) -> None:
    ada, missing = moto_world.member("Ada"), keys.profile("missing")
    present = keys.profile(ada.member_id)
    assert queries.get(moto_world.table, missing) is None
    assert queries.batch(moto_world.table, [missing, present], consistent=True).keys() == {present}
    assert queries.batch(moto_world.table, [], consistent=True) == {}


def test_a_batch_of_more_keys_than_one_request_takes_is_read_whole(moto_world: World) -> None:
    save(moto_world.table, jobs(150))
    wanted = [Key(PARTITION, job_id) for job_id in JOB_IDS]
    found = queries.batch(moto_world.table, [*wanted, wanted[0], Key(PARTITION, "missing")], consistent=True)
    assert set(found) == set(wanted)
    assert all((item.pk, item.sk) == key for key, item in found.items())


def test_a_query_reads_all_pages_in_either_order(moto_world: World) -> None:
    save(moto_world.table, jobs(5))
    ordered, table = JOB_IDS[:5], moto_world.table
    assert sort_keys(list(queries.query(table, PARTITION, None, page=2))) == ordered
    assert sort_keys(list(queries.query(table, PARTITION, None, page=2, backwards=True))) == ordered[::-1]
    assert sort_keys(list(queries.query(table, PARTITION, Item.sk.startswith(ordered[3])))) == [ordered[3]]


def test_a_query_starts_after_the_given_key(moto_world: World) -> None:
    save(moto_world.table, jobs(4))
    after = Key(PARTITION, JOB_IDS[1])
    assert sort_keys(list(queries.query(moto_world.table, PARTITION, None, after=after))) == JOB_IDS[2:4]


def test_a_query_leaves_out_items_of_kinds_that_a_later_version_wrote(moto_world: World) -> None:
    save(moto_world.table, jobs(1))
    later = {"PK": {"S": PARTITION}, "SK": {"S": "later"}, "k": {"S": "a later kind"}, "v": {"N": "2"}}
    put(moto_world.table, later)
    assert sort_keys(list(queries.query(moto_world.table, PARTITION, None))) == JOB_IDS[:1]
    moto_world.table.delete_item(PARTITION, "later")
