"""The ledger names every erased account, and an account that it does not name keeps its job (R33)."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.channels.aws_clients import SendFailed
from chalicelib.domain.decisions.write_set import SETTLE
from chalicelib.domain.model.errors import Busy
from chalicelib.domain.model.ledger_entry import LedgerEntry, LedgerKind
from chalicelib.domain.model.member import Tombstone
from chalicelib.services.jobs import run_jobs
from chalicelib.services.ledger import entries_since, record
from chalicelib.storage import reads
from tests.harness import MONDAY, World, at


class RecordedLedger:
    """A ledger that keeps its entries. It fails as often as `failures` says, before it accepts any."""

    def __init__(self, failures: int = 0) -> None:
        self.entries_put: list[LedgerEntry] = []
        self.failures = failures

    def put(self, entry: LedgerEntry) -> None:
        if self.failures:
            self.failures -= 1
            raise SendFailed("ledger")
        self.entries_put.append(entry)

    def entries(self, kind: LedgerKind, since: Any) -> list[LedgerEntry]:
        return [entry for entry in self.entries_put if entry.kind is kind and entry.at >= since]


def recorded(world: World, failures: int = 0) -> RecordedLedger:
    ledger = RecordedLedger(failures)
    world.context.channels.ledger = ledger  # type: ignore[assignment]  # It has the same methods.
    return ledger


def test_r33_a_deletion_is_recorded_once_with_its_time(world: World) -> None:
    ledger = recorded(world)
    ada, ben = world.members("Ada", "Ben")
    world.leave(ada)
    world.deliver()
    world.now += SETTLE
    run_jobs(world.context)
    tombstone = reads.account(world.table, ada.member_id)
    assert isinstance(tombstone, Tombstone)
    assert ledger.entries_put == [LedgerEntry(LedgerKind.ERASED, ada.member_id, tombstone.deleted_at)]
    assert reads.profile(world.table, ben.member_id) == ben


def test_r33_an_account_that_is_not_in_the_ledger_keeps_its_job_and_is_otherwise_erased(world: World) -> None:
    ledger = recorded(world, failures=3)
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
        assert (tombstone.erased, ledger.entries_put) == (False, [])
    world.now += SETTLE
    run_jobs(world.context)
    assert [entry.member_id for entry in ledger.entries_put] == [ada.member_id]
    world.records()


def test_r47_acts_of_all_kinds_come_by_time(world: World) -> None:
    recorded(world)
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
    recorded(world, failures=1)
    with pytest.raises(Busy):
        record(world.context, LedgerKind.SUSPENDED, "ben", MONDAY)
