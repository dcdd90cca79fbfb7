"""The hooks of the Lambda runtime around a snapshot, called as the runtime calls them."""

import random
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.domain.model.ledger_entry import LedgerEntry, LedgerKind
from chalicelib.handlers.function_snapshot import FIRST_NEEDED, prepare, register_hooks, renew
from chalicelib.storage import reads
from infra.local.aws import client
from infra.local.ledger import LEDGER, create_ledger
from tests.domain.samples import SLOT
from tests.harness import MONDAY, World

Hook = tuple[Callable[..., Any], tuple[Any, ...]]


class LambdaRuntime(ModuleType):
    """The module of the Lambda runtime that keeps the hooks of a function."""

    def __init__(self) -> None:
        super().__init__("snapshot_restore_py")
        self.before: list[Hook] = []
        self.after: list[Hook] = []

    def register_before_snapshot(self, hook: Callable[..., Any], *arguments: Any) -> None:
        """Keep a hook for the time before the snapshot."""
        self.before.append((hook, arguments))

    def register_after_restore(self, hook: Callable[..., Any], *arguments: Any) -> None:
        """Keep a hook for the time after each restore."""
        self.after.append((hook, arguments))


def call(hooks: list[Hook]) -> None:
    for hook, arguments in hooks:
        hook(*arguments)


def test_a_restored_function_has_clients_and_caches_of_its_own(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = LambdaRuntime()
    monkeypatch.setitem(sys.modules, "snapshot_restore_py", runtime)
    register_hooks(world.context)
    call(runtime.before)
    assert set(FIRST_NEEDED) <= sys.modules.keys()
    (ada,) = world.members("Ada")
    world.context.queue_shards[SLOT] = 2
    made, channels = world.table.connection.client, world.context.channels
    call(runtime.after)
    assert world.context.queue_shards == {}
    assert world.context.channels is not channels
    assert world.table.connection.client is not made
    assert reads.profile(world.table, ada.member_id) == ada


def test_r33_a_restored_function_records_in_the_ledger(world: World) -> None:
    (ada,) = world.members("Ada")
    s3 = client("s3", world.settings.endpoint)
    world.context.settings = replace(world.context.settings, ledger=create_ledger(s3))
    renew(world.context)
    entry = LedgerEntry(LedgerKind.ERASED, ada.member_id, MONDAY)
    world.context.channels.ledger.put(entry)
    assert entry in world.context.channels.ledger.entries(LedgerKind.ERASED, MONDAY)
    s3.delete_object(Bucket=LEDGER, Key=entry.key)


def test_restored_functions_draw_different_random_numbers(world: World) -> None:
    """They begin with the same state of Python's own generator, which libraries use."""
    prepare(world.context)
    state = random.getstate()
    drawn = []
    for _ in range(2):
        random.setstate(state)
        renew(world.context)
        drawn.append(random.getrandbits(128))
    assert drawn[0] != drawn[1]


def test_another_runtime_has_no_hooks(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "snapshot_restore_py", None)
    before = world.context.channels
    register_hooks(world.context)
    assert world.context.channels is before
