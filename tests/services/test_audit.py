"""The audit of a table in use. It reports every violation and no change in progress."""

import threading
from collections.abc import Callable, Container, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from itertools import count, permutations
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from bench.request_units import RequestUnitLedger
from chalicelib.domain.audit.invariants import Invariant, Violation, violations
from chalicelib.domain.decisions.queue_rows import ROWS_KEPT
from chalicelib.domain.decisions.write_set import Job, JobKind
from chalicelib.domain.model.errors import Refusal
from chalicelib.domain.model.member import Profile, RelationKind
from chalicelib.services.audit import AuditedPage, audit
from chalicelib.services.members.profiles import Claims, get_or_create_member
from chalicelib.storage.day_mappers import day_item
from chalicelib.storage.errors import OutcomeUnknown
from chalicelib.storage.keys import JOB, PAIRS, POOL
from chalicelib.storage.mappers import job_item, row_item
from tests.batches import delete
from tests.corrupt_items import (
    CORRUPTIONS,
    MIDNIGHT,
    NINE,
    Corruption,
    PopulatedTable,
    a_room_of_two_pairs,
    deleted_but_booked,
    no_pair_row,
    no_waiting_row,
    paired_with_the_blocked,
    used_more_often_than_allowed,
)
from tests.fault_proxy import Fault, FaultProxy
from tests.harness import World
from tests.races.test_workloads import random_call
from tests.table_snapshot import read_whole_table, take_snapshot


def audit_pages(world: World, *, page_size: int = 1000) -> list[AuditedPage]:
    """Return the results of all pages."""
    return list(audit(world.table, lambda: world.now, world.context.pause, page_size=page_size))


def reported(pages: list[AuditedPage]) -> list[Violation]:
    return [violation for page in pages for violation in page.violations]


def in_order(pages: list[AuditedPage]) -> bool:
    return not any(page.violations or page.unsettled for page in pages)


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize("page_size", [1, 3, 1000])
def test_a_valid_table_is_read_to_its_end_without_a_violation(populated_table: PopulatedTable, page_size: int) -> None:
    pages = audit_pages(populated_table.world, page_size=page_size)
    assert sum(page.items for page in pages) == len(read_whole_table(populated_table.world.table))
    assert max(page.items for page in pages) <= page_size
    assert in_order(pages)


@pytest.mark.parametrize(
    "tamper",
    [pytest.param(tamper, marks=pytest.mark.long if place % 12 else ()) for place, tamper in enumerate(CORRUPTIONS)],
    ids=lambda tamper: tamper.__name__,
)
def test_every_violation_is_reported_once_for_any_page_size(
    populated_table: PopulatedTable, tamper: Corruption
) -> None:
    expected = tamper(populated_table)
    for page_size in (1, 1000):
        found = reported(audit_pages(populated_table.world, page_size=page_size))
        assert (set(found), len(found)) == (expected, len(expected))


@pytest.mark.sampled(every=4)
@pytest.mark.parametrize("tamper", [*CORRUPTIONS, a_room_of_two_pairs], ids=lambda tamper: tamper.__name__)
def test_every_violation_is_found_once_in_a_snapshot_of_the_table(
    populated_table: PopulatedTable, tamper: Corruption
) -> None:
    expected = tamper(populated_table)
    assert expected
    found = list(violations(take_snapshot(populated_table.world.table), populated_table.world.now))
    assert (set(found), len(found)) == (expected, len(expected))


def test_r1_a_blocked_pair_with_an_open_job_is_no_violation(populated_table: PopulatedTable) -> None:
    """A job of another pair or of the opposite direction does not count."""
    expected = paired_with_the_blocked(populated_table)
    ada, ben, cy = (populated_table.id(name) for name in ("ada", "ben", "cy"))
    for member, other, left in ((ada, ben, expected), (ben, cy, expected), (ben, ada, set())):
        populated_table.save(job_item(Job("left", JobKind.PARTING, member, other)))
        assert set(violations(take_snapshot(populated_table.world.table), populated_table.world.now)) == left


@pytest.mark.parametrize("tamper", [paired_with_the_blocked, deleted_but_booked], ids=lambda tamper: tamper.__name__)
def test_r1_r33_a_booking_that_has_started_is_neither_parted_nor_cancelled(
    populated_table: PopulatedTable, tamper: Corruption
) -> None:
    expected = tamper(populated_table)
    before = NINE.start - timedelta(microseconds=1)
    assert set(violations(take_snapshot(populated_table.world.table), before)) == expected
    found = set(violations(take_snapshot(populated_table.world.table), NINE.start))
    assert {violation for violation in found if violation.slot} == set()


def test_r19_expired_rows_may_be_missing(populated_table: PopulatedTable) -> None:
    """The table deletes expired rows and numbers of queue shards in any order."""
    rows = [key for key in read_whole_table(populated_table.world.table) if key.pk.startswith((POOL, PAIRS))]
    delete(populated_table.world.table, [key for key in rows if key.sk.startswith("0900")])
    gone = {populated_table.id(name) for name in ("ada", "ben", "eve")}
    kept = NINE.start + ROWS_KEPT
    assert {
        found.ids[0] for found in violations(take_snapshot(populated_table.world.table), kept - timedelta(seconds=1))
    } == gone
    assert set(violations(take_snapshot(populated_table.world.table), kept)) == set()
    populated_table.save(row_item(populated_table.row("eve")))
    assert set(violations(take_snapshot(populated_table.world.table), kept)) == set()


def test_the_audit_only_reads(populated_table: PopulatedTable) -> None:
    no_waiting_row(populated_table)
    before = read_whole_table(populated_table.world.table)
    with RequestUnitLedger(populated_table.world.table.connection.client) as ledger:
        audit_pages(populated_table.world, page_size=3)
    assert {request.operation for request in ledger.requests} == {"Scan", "BatchGetItem", "TransactGetItems", "Query"}
    assert read_whole_table(populated_table.world.table) == before


@contextmanager
def before(world: World, operation: str, numbers: Container[int], action: Callable[[], Any]) -> Iterator[None]:
    """Run an action before the requests of this operation with these numbers. Its own requests are not counted."""
    events, event = world.table.connection.client.meta.events, f"before-call.dynamodb.{operation}"
    sent, running = count(1), []

    def on_request(**_: Any) -> None:
        if not running and next(sent) in numbers:
            running.append(True)
            action()
            running.clear()

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


def a_booking_past_midnight_is_cancelled(world: World, ada: Profile, ben: Profile) -> Callable[[], Any]:
    world.book(ada, MIDNIGHT)
    return lambda: world.cancel(ada, world.seen(ada, MIDNIGHT))


def a_favorite_is_removed(world: World, ada: Profile, ben: Profile) -> Callable[[], Any]:
    world.favorite(ada, ben)
    return lambda: world.take_back(ada, RelationKind.FAVORITE, ben)


def a_link_is_revoked(world: World, ada: Profile, ben: Profile) -> Callable[[], Any]:
    world.invite(ada)
    return lambda: world.revoke(ada)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    "change",
    [a_pair_is_made, a_pair_is_parted, a_booking_past_midnight_is_cancelled, a_favorite_is_removed, a_link_is_revoked],
    ids=lambda change: change.__name__,
)
def test_a_change_between_two_reads_is_no_violation(world: World, change: Callable[..., Any]) -> None:
    """The change comes between the reads of an item and of its related items, for each item in turn."""
    confirmations = 0
    for number in count(1):
        world.clear()
        # The ids decide the order of the reads. They are the same in every round, so each item has its turn.
        claims = [Claims(world.settings.issuer, name, name, None, "UTC", world.now) for name in ("Ada", "Ben")]
        members = [get_or_create_member(world.context, one) for one in claims]
        left = [change(world, *members)]
        with (
            before(world, "BatchGetItem", [number], lambda left=left: left.pop()()),
            RequestUnitLedger(world.table.connection.client) as ledger,
        ):
            assert in_order(audit_pages(world, page_size=1))
        confirmations += operations(ledger).count("TransactGetItems")
        if left:
            break
    assert confirmations > 0


def operations(ledger: RequestUnitLedger) -> list[str]:
    return [request.operation for request in ledger.requests]


def touch(populated_table: PopulatedTable, *names: str) -> None:
    """Write days again with a new version and the same content."""
    for name in names:
        day = populated_table.day(name)
        populated_table.save(day_item(replace(day, version=day.version + 1)))


def test_an_item_that_changes_during_its_second_read_is_read_once_more(populated_table: PopulatedTable) -> None:
    expected = no_waiting_row(populated_table)
    with (
        before(populated_table.world, "TransactGetItems", [2, 4], lambda: touch(populated_table, "eve")),
        RequestUnitLedger(populated_table.world.table.connection.client) as ledger,
    ):
        pages = audit_pages(populated_table.world)
    assert (set(reported(pages)), sum(page.unsettled for page in pages)) == (expected, 0)
    assert operations(ledger).count("TransactGetItems") == 6


def test_an_item_that_changes_during_every_attempt_counts_as_unsettled(populated_table: PopulatedTable) -> None:
    no_waiting_row(populated_table)
    other = used_more_often_than_allowed(populated_table)
    with before(populated_table.world, "TransactGetItems", range(1, 100), lambda: touch(populated_table, "eve")):
        pages = audit_pages(populated_table.world)
    assert (set(reported(pages)), sum(page.unsettled for page in pages)) == (other, 1)


def test_a_job_that_is_written_while_jobs_are_read_is_seen(populated_table: PopulatedTable) -> None:
    """Two suspects block each other after the jobs are read (R1)."""
    expected = no_pair_row(populated_table)
    ada, ben = populated_table.members["ada"], populated_table.members["ben"]

    def block() -> None:
        populated_table.world.begin_to_block(ada, ben)
        populated_table.world.begin_to_block(ben, ada)

    with before(populated_table.world, "TransactGetItems", [2], block):
        assert set(reported(audit_pages(populated_table.world))) == expected


@pytest.mark.parametrize("begin", [World.begin_to_block, World.begin_to_leave])
def test_the_unfinished_work_of_a_job_is_no_violation_until_the_job_is_lost(
    populated_table: PopulatedTable, begin: Callable[..., Any]
) -> None:
    """A crash left the work undone (R1, R33)."""
    members = [populated_table.members[name] for name in ("cy", "dee")]
    begin(populated_table.world, *members[: begin.__code__.co_argcount - 1])
    assert in_order(audit_pages(populated_table.world, page_size=3))
    delete(
        populated_table.world.table,
        [key for key in read_whole_table(populated_table.world.table) if key.pk.startswith(JOB)],
    )
    assert {Invariant.BLOCK, Invariant.JOB} & {
        found.invariant for found in reported(audit_pages(populated_table.world, page_size=3))
    }


@pytest.mark.sampled(every=5)
@pytest.mark.parametrize(
    ("operation", "fault"),
    [
        ("Scan", Fault.LOSE_REQUEST),
        ("BatchGetItem", Fault.LOSE_RESPONSE),
        ("TransactGetItems", Fault.CONFLICT),
        ("TransactGetItems", Fault.THROTTLED),
        ("Query", Fault.LOSE_REQUEST),
    ],
)
def test_a_failed_read_is_retried(
    world: World, faults: FaultProxy, populated_table: PopulatedTable, operation: str, fault: Fault
) -> None:
    expected = no_waiting_row(populated_table)
    pauses: list[float] = []
    faults.meets, faults.plan[:] = operation, [fault] * 5
    pages = list(audit(world.table, lambda: world.now, pauses.append))
    assert (set(reported(pages)), faults.plan) == (expected, [])
    assert pauses


@pytest.mark.long  # Waits for lost requests.
def test_a_read_that_fails_too_often_ends_the_audit(world: World, faults: FaultProxy) -> None:
    faults.meets, faults.plan[:] = "Scan", [Fault.LOSE_REQUEST] * 100
    with pytest.raises(OutcomeUnknown):
        audit_pages(world)
    faults.plan.clear()


@pytest.mark.long  # Random operations on threads while the whole table is read.
def test_concurrent_operations_cause_no_violation(world: World) -> None:
    """Random operations run on threads during the audit, with blocks, the stream and the schedules."""
    world.context.pause = threading.Event().wait
    members = [world.member(f"Member {n}") for n in range(8)]
    world.relate(permutations(members, 2), favorite=True)
    rng = Random(5)
    walks = 0

    def run(call: Callable[[], Any]) -> None:
        with suppress(Refusal):
            call()

    with ThreadPoolExecutor(4) as threads:
        busy = [threads.submit(run, random_call(world, members, Random(rng.random()))) for _ in range(60)]
        while not all(call.done() for call in busy):
            assert reported(audit_pages(world, page_size=7)) == []
            walks += 1
    assert [call.exception() for call in busy] == [None] * len(busy)
    assert walks > 1
