"""The ledger names every erased account, and an account that it does not name keeps its job (R33)."""

from datetime import timedelta

import pytest

from chalicelib.domain.decisions.write_set import SETTLE
from chalicelib.domain.model.errors import Busy
from chalicelib.domain.model.ledger_entry import LedgerEntry, LedgerKind
from chalicelib.domain.model.member import Tombstone
from chalicelib.metrics import collect_metrics
from chalicelib.services.jobs import OverdueJob, run_jobs
from chalicelib.services.ledger import entries_since, record
from chalicelib.storage import reads
from tests.harness import MONDAY, World, at
from tests.recorded_ledger import record_acts


def test_r33_a_deletion_is_recorded_once_with_its_time(world: World) -> None:
    ledger = record_acts(world)
    ada, ben = world.members("Ada", "Ben")
    world.leave(ada)
    world.deliver()
    world.now += SETTLE
    run_jobs(world.context)
    tombstone = reads.account(world.table, ada.member_id)
    assert isinstance(tombstone, Tombstone)
    assert ledger.accepted == [LedgerEntry(LedgerKind.ERASED, ada.member_id, tombstone.deleted_at)]
    assert reads.profile(world.table, ben.member_id) == ben


def test_r33_an_account_that_is_not_in_the_ledger_keeps_its_job_and_is_otherwise_erased(world: World) -> None:
    ledger = record_acts(world, failures=3)
    ada, ben = world.members("Ada", "Ben")
    world.book(ben, at(1))
    world.book(ada, at(1))
    world.leave(ada)
    assert world.state(ben, at(1)) == ("waiting", None)
    for _ in range(2):
        world.now += SETTLE
        run_jobs(world.context)
        tombstone = reads.account(world.table, ada.member_id)
        assert isinstance(tombstone, Tombstone)
        assert (tombstone.erased, ledger.accepted) == (False, [])
    world.now += SETTLE
    run_jobs(world.context)
    assert [entry.member_id for entry in ledger.accepted] == [ada.member_id]
    world.records()


def test_r33_a_ledger_that_is_lost_fails_the_schedule_after_an_hour(world: World) -> None:
    record_acts(world, failures=5)
    world.leave(world.member("Ada"))
    for hours, failure in ((0.5, None), (1, OverdueJob)):
        world.after(hours=hours)
        with collect_metrics() as collected:
            run_jobs(world.context)
        assert (collected.left, type(collected.error)) == (1, failure or type(None))
    world.context.channels.ledger.failures = 0  # type: ignore[attr-defined]  # It is the recorded one.
    run_jobs(world.context)
    world.records()


def test_r47_acts_of_all_kinds_come_by_time(world: World) -> None:
    record_acts(world)
    acts = [
        (LedgerKind.SUSPENDED, "ben", MONDAY + timedelta(hours=2)),
        (LedgerKind.LIFTED, "ben", MONDAY + timedelta(hours=3)),
        (LedgerKind.ERASED, "ada", MONDAY + timedelta(hours=1)),
        (LedgerKind.ERASED, "cy", MONDAY - timedelta(hours=1)),
    ]
    for act in acts:
        record(world.context, *act)
    expected = [LedgerEntry(*act) for act in (acts[2], acts[0], acts[1])]
    assert entries_since(world.context, MONDAY) == expected


def test_r47_a_ledger_that_does_not_respond_is_busy(world: World) -> None:
    record_acts(world, failures=1)
    with pytest.raises(Busy):
        record(world.context, LedgerKind.SUSPENDED, "ben", MONDAY)
