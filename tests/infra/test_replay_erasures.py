"""The restore drill as an operator runs it, with the commands in processes of their own (R33)."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.channels.aws_clients import lazy_client
from chalicelib.channels.ledger_bucket import LedgerBucket
from chalicelib.domain.model.member import Tombstone
from chalicelib.domain.model.slot import Slot
from chalicelib.services.members.delete import delete_account
from chalicelib.storage import reads
from infra.local.aws import client
from infra.local.engine import ROOT
from infra.local.ledger import create_ledger
from tests import batches
from tests.harness import TABLE, World
from tests.table_snapshot import read_whole_table

# Each command is a process.
pytestmark = pytest.mark.long


def run(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "LOCKSTEP_"))}
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=kept,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def of_now(world: World, engine: str) -> datetime:
    """Let the world keep its ledger on the engine, at the real time that a command has. Return that time."""
    name = create_ledger(client("s3", engine))
    world.context.channels.ledger = LedgerBucket(name, lazy_client("s3", region="us-east-1", endpoint=engine))
    world.now = datetime.now(UTC)
    return world.now


def test_r33_the_command_deletes_again_what_a_restore_brought_back(world: World, engine: str) -> None:
    now = of_now(world, engine)
    slot = Slot(now.replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=3), 50)
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ada, ben)
    world.book(ben, slot)
    world.lock(ada, ben, slot, title="a private title")
    restored = read_whole_table(world.table)
    delete_account(world.context, ada.member_id, deleted_at=now)

    batches.delete(world.table, read_whole_table(world.table))
    batches.put(world.table, *restored.values())
    on_table = ("--engine", engine, "--table", TABLE)
    since = (now - timedelta(seconds=1)).isoformat()
    first, second = (run("infra.replay_erasures", *on_table, "--since", since) for _ in range(2))

    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout == f"{TABLE}: 1 entries since {since}, 1 accounts erased, 0 suspended, 0 suspensions lifted\n"
    assert second.stdout == f"{TABLE}: 1 entries since {since}, 0 accounts erased, 0 suspended, 0 suspensions lifted\n"
    assert isinstance(reads.account(world.table, ada.member_id), Tombstone)
    assert "a private title" not in str(read_whole_table(world.table))
    assert world.state(ben, slot) == ("waiting", None)
    audit = run("infra.audit", *on_table)
    assert (audit.returncode, audit.stdout.partition(" items, ")[2]) == (0, "0 violations, 0 unsettled items\n")
    world.records()


def test_r33_a_missing_ledger_is_reported_in_one_sentence(world: World, engine: str) -> None:
    of_now(world, engine)
    arguments = ("--engine", engine, "--table", TABLE, "--since", "2026-03-02T09:00Z")
    ran = run("infra.replay_erasures", *arguments, "--ledger", "no-such-bucket")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("The replay is not complete, repeat it: ")
    assert ran.stderr.count("\n") == 1


def test_the_replay_requires_an_engine_or_a_region() -> None:
    ran = run("infra.replay_erasures", "--since", "2026-03-02T09:00Z")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "--engine" in ran.stderr
