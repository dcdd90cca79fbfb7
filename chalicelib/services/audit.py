"""Audit of the whole table while it is in use, by reads only.

The audit holds one page and its related items at a time, so it skips invariants that need the whole table. Most
suspected violations are stale reads. So each suspect is read again in one transaction, and only a violation in that
read is reported.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import TypeVar

from msgspec import Struct

from chalicelib.domain.audit.invariants import Violation, violations_of
from chalicelib.storage import raw_reads
from chalicelib.storage.audit_snapshot import related_keys, snapshot_of
from chalicelib.storage.connection import Table
from chalicelib.storage.errors import TableRequestFailed
from chalicelib.storage.keys import Key
from chalicelib.storage.raw_reads import Raw
from chalicelib.storage.retention import may_be_partial

T = TypeVar("T")

PAGE = 500
# Attempts for an item that changes between two reads, and for a read that fails.
ATTEMPTS = 8
# Seconds.
PAUSE = 0.1


class AuditedPage(Struct, frozen=True):
    """The number of items of a page of the table, and their violations.

    `unsettled` is the number of suspects that changed during every attempt.
    """

    items: int
    violations: tuple[Violation, ...]
    unsettled: int


def audit(
    table: Table,
    clock: Callable[[], datetime],
    pause: Callable[[float], None],
    *,
    page_size: int = PAGE,
    first: int = 0,
) -> Iterator[AuditedPage]:
    """Yield the result of each page of the table, read on demand. Raises TableRequestFailed if a read fails too often.

    The first segment has the number `first`, any integer, modulo the number of segments. So a caller whose audits do
    not reach the end can begin each with another segment.
    """
    for number in range(raw_reads.SEGMENTS):
        yield from _audit_segment(table, clock, pause, page_size, (first + number) % raw_reads.SEGMENTS)


def _audit_segment(
    table: Table, clock: Callable[[], datetime], pause: Callable[[float], None], page_size: int, segment: int
) -> Iterator[AuditedPage]:
    after: Key | None = None
    while True:
        look, after = _retry(pause, partial(raw_reads.page, table, page_size, segment, after))
        now = clock()
        # Of a day that is about to expire, items that belong to it may have expired already.
        audited = {key: raw for key, raw in look.items() if not may_be_partial(key, table.retention, now)}
        subject = snapshot_of(audited)
        related = related_keys(subject, now) - look.keys()
        seen = snapshot_of(look) | snapshot_of(_retry(pause, partial(raw_reads.items, table, related)))
        # Most pages have no violation. Then no item needs a check of its own.
        suspected = audited if any(violations_of(subject, seen, now)) else {}
        suspects = [key for key, raw in suspected.items() if any(violations_of(snapshot_of({key: raw}), seen, now))]
        results = [_confirm(table, clock, pause, key, look[key]) for key in suspects]
        confirmed = tuple(violation for violations in results if violations for violation in violations)
        yield AuditedPage(len(look), confirmed, unsettled=results.count(None))
        if after is None:
            return


def _confirm(
    table: Table, clock: Callable[[], datetime], pause: Callable[[float], None], key: Key, raw: Raw
) -> list[Violation] | None:
    """Return the violations of an item in a consistent read, or None if it changed during every attempt.

    The item and its related items are read twice, with the jobs in between. If both reads are equal, nothing changed
    between them, so a job that excuses a violation is among the jobs that were read.
    """
    wanted = {key} | related_keys(snapshot_of({key: raw}), clock())
    for _ in range(ATTEMPTS):
        try:
            before, jobs, after = (
                raw_reads.items_at_one_instant(table, wanted),
                raw_reads.open_jobs(table),
                raw_reads.items_at_one_instant(table, wanted),
            )
        except TableRequestFailed:
            pause(PAUSE)
            continue
        now = clock()
        subject = snapshot_of({key: after[key]} if key in after else {})
        needed = related_keys(subject, now)
        if snapshot_of(before) == snapshot_of(after) and needed <= wanted:
            return list(violations_of(subject, snapshot_of(jobs | after), now))
        wanted |= needed
        pause(PAUSE)
    return None


def _retry(pause: Callable[[float], None], read: Callable[[], T]) -> T:
    """Return the result of a read, retried with exponential backoff.

    Raises TableRequestFailed after the last attempt.
    """
    for number in range(ATTEMPTS - 1):
        try:
            return read()
        except TableRequestFailed:
            pause(PAUSE * 2**number)
    return read()
