"""The auditor: whatever is out of order is told, whatever the pages, and nothing that is only being changed."""

import threading
from collections.abc import Callable, Container, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import count, permutations
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from bench.request_units import Ledger
from chalicelib.domain.audit.invariants import Invariant, Violation
from chalicelib.domain.model.errors import Refusal
from chalicelib.domain.model.member import Profile, RelationKind
from chalicelib.services.audit import Audited, audit
from chalicelib.services.members.profiles import Claims, get_or_create_member
from chalicelib.storage.day_mappers import day_item
from chalicelib.storage.errors import OutcomeUnknown
from chalicelib.storage.keys import JOB
from tests.batches import delete
from tests.corrupt_items import MIDNIGHT, NINE, TAMPERINGS, Busy, Tampering, no_pair_row, no_waiting_row, used_too_often
from tests.fault_proxy import Fault, FaultyEngine
from tests.harness import World
from tests.races.test_workloads import random_call
from tests.table_snapshot import look_at_everything


def walk(world: World, *, page_size: int = 1000) -> list[Audited]:
    """All pages of a walk over the table."""
    return list(audit(world.table, lambda: world.now, world.context.pause, page_size=page_size))


def told(pages: list[Audited]) -> list[Violation]:
    return [violation for page in pages for violation in page.violations]


def in_order(pages: list[Audited]) -> bool:
    return not any(page.violations or page.unsettled for page in pages)


@pytest.mark.parametrize("page_size", [1, 3, 1000])
def test_a_busy_world_in_order_is_walked_to_its_end_and_nothing_is_told(scene: Busy, page_size: int) -> None:
    pages = walk(scene.world, page_size=page_size)
    assert sum(page.items for page in pages) == len(look_at_everything(scene.world.table))
    assert max(page.items for page in pages) <= page_size
    assert in_order(pages)


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: tamper.__name__)
def test_whatever_is_out_of_order_is_told_whatever_the_pages(scene: Busy, tamper: Tampering) -> None:
    expected = tamper(scene)
    for page_size in (1, 1000):
        found = told(walk(scene.world, page_size=page_size))
        assert (set(found), len(found)) == (expected, len(expected))


def test_the_walk_only_reads(scene: Busy) -> None:
    no_waiting_row(scene)
    before = look_at_everything(scene.world.table)
    with Ledger(scene.world.table.connection.client) as ledger:
        walk(scene.world, page_size=3)
    assert {request.operation for request in ledger.requests} == {"Scan", "BatchGetItem", "TransactGetItems", "Query"}
    assert look_at_everything(scene.world.table) == before


@contextmanager
def before(world: World, operation: str, numbers: Container[int], what: Callable[[], Any]) -> Iterator[None]:
    """Let something happen before the requests of that kind and of those numbers; what it asks itself counts not."""
    events, event = world.table.connection.client.meta.events, f"before-call.dynamodb.{operation}"
    sent, aside = count(1), []

    def on_request(**_: Any) -> None:
        if not aside and next(sent) in numbers:
            aside.append(True)
            what()
            aside.clear()

    events.register(event, on_request)
    yield
    events.unregister(event, on_request)


def a_pair_is_made(world: World, ada: Profile, ben: Profile) -> Callable[[], Any]:
    world.book(ada, NINE)
    return lambda: world.book(ben, NINE)


def a_pair_is_parted(world: World, ada: Profile, ben: Profile) -> Callable[[], Any]:
    world.book(ada, NINE)
    world.book(ben, NINE)
    return lambda: world.cancel(ada, world.seen(ada, NINE))


def a_night_is_given_up(world: World, ada: Profile, ben: Profile) -> Callable[[], Any]:
    world.book(ada, MIDNIGHT)
    return lambda: world.cancel(ada, world.seen(ada, MIDNIGHT))


def a_favorite_is_let_go(world: World, ada: Profile, ben: Profile) -> Callable[[], Any]:
    world.favorite(ada, ben)
    return lambda: world.take_back(ada, RelationKind.FAVORITE, ben)


def a_link_is_revoked(world: World, ada: Profile, ben: Profile) -> Callable[[], Any]:
    world.invite(ada)
    return lambda: world.revoke(ada)


@pytest.mark.parametrize(
    "change",
    [a_pair_is_made, a_pair_is_parted, a_night_is_given_up, a_favorite_is_let_go, a_link_is_revoked],
    ids=lambda change: change.__name__,
)
def test_what_is_changed_between_two_reads_is_not_told(world: World, change: Callable[..., Any]) -> None:
    """The change comes after an item is read and before what surrounds it is: for each item in turn."""
    looked_again = 0
    for number in count(1):
        world.clear()
        # Ids decide what is read first: they are the same every time, so that each item's turn comes.
        claims = [Claims(world.settings.issuer, name, name, None, "UTC", world.now) for name in ("Ada", "Ben")]
        members = [get_or_create_member(world.context, one) for one in claims]
        left = [change(world, *members)]
        with (
            before(world, "BatchGetItem", [number], lambda left=left: left.pop()()),
            Ledger(world.table.connection.client) as ledger,
        ):
            assert in_order(walk(world, page_size=1))
        looked_again += operations(ledger).count("TransactGetItems")
        if left:
            break
    assert looked_again > 0


def operations(ledger: Ledger) -> list[str]:
    return [request.operation for request in ledger.requests]


def touch(scene: Busy, *names: str) -> None:
    """Let days have been written again, as they were."""
    for name in names:
        day = scene.day(name)
        scene.save(day_item(replace(day, version=day.version + 1)))


def test_what_changes_while_it_is_looked_at_again_is_looked_at_once_more(scene: Busy) -> None:
    expected = no_waiting_row(scene)
    with (
        before(scene.world, "TransactGetItems", [2, 4], lambda: touch(scene, "eve")),
        Ledger(scene.world.table.connection.client) as ledger,
    ):
        pages = walk(scene.world)
    assert (set(told(pages)), sum(page.unsettled for page in pages)) == (expected, 0)
    assert operations(ledger).count("TransactGetItems") == 6


def test_what_changes_whenever_it_is_looked_at_is_counted_and_not_told(scene: Busy) -> None:
    no_waiting_row(scene)
    other = used_too_often(scene)
    with before(scene.world, "TransactGetItems", range(1, 100), lambda: touch(scene, "eve")):
        pages = walk(scene.world)
    assert (set(told(pages)), sum(page.unsettled for page in pages)) == (other, 1)


def test_a_chore_that_comes_while_chores_are_read_is_not_overlooked(scene: Busy) -> None:
    """R1: two who are looked at for another reason block each other after the chores are read."""
    expected = no_pair_row(scene)
    ada, ben = scene.members["ada"], scene.members["ben"]

    def block() -> None:
        scene.world.begin_to_block(ada, ben)
        scene.world.begin_to_block(ben, ada)

    with before(scene.world, "TransactGetItems", [2], block):
        assert set(told(walk(scene.world))) == expected


@pytest.mark.parametrize("begin", [World.begin_to_block, World.begin_to_leave])
def test_what_a_chore_is_still_to_do_is_in_order_until_it_is_lost(scene: Busy, begin: Callable[..., Any]) -> None:
    """R1 and R33: whatever the crash left undone."""
    members = [scene.members[name] for name in ("cy", "dee")]
    begin(scene.world, *members[: begin.__code__.co_argcount - 1])
    assert in_order(walk(scene.world, page_size=3))
    delete(scene.world.table, [key for key in look_at_everything(scene.world.table) if key.pk.startswith(JOB)])
    assert {Invariant.BLOCK, Invariant.JOB} & {found.invariant for found in told(walk(scene.world, page_size=3))}


@pytest.mark.parametrize(
    ("operation", "fault"),
    [
        ("Scan", Fault.LOSE_REQUEST),
        ("BatchGetItem", Fault.LOSE_ANSWER),
        ("TransactGetItems", Fault.CONFLICT),
        ("TransactGetItems", Fault.THROTTLED),
        ("Query", Fault.LOSE_REQUEST),
    ],
)
def test_a_table_that_does_not_answer_at_once_is_asked_again(
    world: World, faults: FaultyEngine, scene: Busy, operation: str, fault: Fault
) -> None:
    expected = no_waiting_row(scene)
    pauses: list[float] = []
    faults.meets, faults.plan[:] = operation, [fault] * 5
    pages = list(audit(world.table, lambda: world.now, pauses.append))
    assert (set(told(pages)), faults.plan) == (expected, [])
    assert pauses


def test_a_table_that_never_answers_is_told_of(world: World, faults: FaultyEngine) -> None:
    faults.meets, faults.plan[:] = "Scan", [Fault.LOSE_REQUEST] * 100
    with pytest.raises(OutcomeUnknown):
        walk(world)
    faults.plan.clear()


def test_nothing_is_told_of_a_world_in_which_everybody_is_busy(world: World) -> None:
    """Random operations on threads, blocks, the stream and the schedule among them, while the table is walked."""
    world.context.pause = threading.Event().wait
    members = [world.member(f"Member {n}") for n in range(8)]
    world.relate(permutations(members, 2), favorite=True)
    rng = Random(5)
    walks = 0

    def carry_on(call: Callable[[], Any]) -> None:
        with suppress(Refusal):
            call()

    with ThreadPoolExecutor(4) as threads:
        busy = [threads.submit(carry_on, random_call(world, members, Random(rng.random()))) for _ in range(60)]
        while not all(call.done() for call in busy):
            assert told(walk(world, page_size=7)) == []
            walks += 1
    assert [call.exception() for call in busy] == [None] * len(busy)
    assert walks > 1
