"""A transaction of puts, deletes, updates and checks changes all of its items or none."""

from uuid import uuid4

import pytest
from pynamodb.exceptions import TransactWriteError

from chalicelib.domain.decisions.write_set import Job, JobKind
from chalicelib.storage import job_reads, keys, raw_reads
from chalicelib.storage.connection import Table
from chalicelib.storage.items import Item, JobItem
from chalicelib.storage.mappers import job_item
from chalicelib.storage.writes import Transaction
from tests.harness import World

OLD, KEPT, NEW = (job_item(Job(name, JobKind.PARTING, "A", "B")) for name in ("old", "kept", "new"))


def write(table: Table, *items: Item) -> None:
    transaction = Transaction(table, uuid4().hex)
    for item in items:
        transaction.save(item)
    transaction.send()


def test_a_transaction_makes_all_of_its_changes(world: World) -> None:
    write(world.table, OLD, KEPT)
    transaction = Transaction(world.table, uuid4().hex)
    transaction.save(NEW, condition=Item.pk.does_not_exist())
    transaction.delete(OLD)
    transaction.update(KEPT, actions=[JobItem.member_id.set("C")], condition=Item.pk.exists())
    transaction.check(keys.job("none"), condition=Item.pk.does_not_exist())
    transaction.send()
    found = [job_reads.job(world.table, name) for name in ("old", "kept", "new")]
    assert [job and job.member_id for job in found] == [None, "C", "A"]
    world.clear()


def test_a_failed_condition_leaves_all_items_unchanged(world: World) -> None:
    write(world.table, OLD, KEPT)
    before = raw_reads.open_jobs(world.table)
    for add_failure in (
        lambda transaction: transaction.save(KEPT, condition=Item.pk.does_not_exist()),
        lambda transaction: transaction.delete(KEPT, condition=JobItem.member_id == "C"),
        lambda transaction: transaction.update(KEPT, [JobItem.member_id.set("C")], condition=Item.pk.does_not_exist()),
        lambda transaction: transaction.check(keys.job("kept"), condition=Item.pk.does_not_exist()),
    ):
        transaction = Transaction(world.table, uuid4().hex)
        transaction.save(NEW)
        transaction.delete(OLD)
        add_failure(transaction)
        with pytest.raises(TransactWriteError):
            transaction.send()
    assert raw_reads.open_jobs(world.table) == before
    world.clear()


def test_a_transaction_that_is_sent_twice_is_executed_once(world: World) -> None:
    write(world.table, OLD)
    transaction = Transaction(world.table, uuid4().hex)
    transaction.save(NEW, condition=Item.pk.does_not_exist())
    transaction.send()
    transaction.send()
    assert set(raw_reads.open_jobs(world.table)) == {keys.job("old"), keys.job("new")}
    world.clear()
