"""Walk the table and tell what is out of order in it, while it is in use. Reads only.

A page is judged by itself and by what surrounds it, and then forgotten: nothing is kept from one page to the next. What
only the whole table tells is not looked for. What looks out of order was mostly just read at different instants. So it
is read again, all at one instant, and told only where it is out of order then.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import TypeVar

from msgspec import Struct

from chalicelib.domain.audit.invariants import Violation, violations_of
from chalicelib.storage import raw_reads
from chalicelib.storage.audit_snapshot import snapshot_of, surroundings
from chalicelib.storage.connection import Table
from chalicelib.storage.errors import NotCommitted
from chalicelib.storage.keys import Key
from chalicelib.storage.raw_reads import Raw

T = TypeVar("T")

PAGE = 500
# How often what changes while it is looked at is looked at again, and a table that does not answer is asked again.
TRIES = 8
PAUSE = 0.1


class Audited(Struct, frozen=True):
    """A page of the table: how many items it has, and what is out of order.

    `unsettled` items looked out of order, and changed whenever they were looked at again.
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
) -> Iterator[Audited]:
    """The whole table, page by page; the next is read when asked for. Raises NotCommitted where it does not answer.

    The walk begins with the segment of number `first`, any whole number, and comes round to it: who cannot walk to the
    end each time begins elsewhere each time.
    """
    for number in range(raw_reads.SEGMENTS):
        yield from _audit_segment(table, clock, pause, page_size, (first + number) % raw_reads.SEGMENTS)


def _audit_segment(
    table: Table, clock: Callable[[], datetime], pause: Callable[[float], None], page_size: int, segment: int
) -> Iterator[Audited]:
    after: Key | None = None
    while True:
        look, after = _patiently(pause, partial(raw_reads.page, table, page_size, segment, after))
        now = clock()
        subject = snapshot_of(look)
        around = surroundings(subject, now) - look.keys()
        seen = subject | snapshot_of(_patiently(pause, partial(raw_reads.at, table, around)))
        # Mostly all is well, and nobody needs to know with which item it is not.
        suspected = look if any(violations_of(subject, seen, now)) else {}
        suspects = [key for key, raw in suspected.items() if any(violations_of(snapshot_of({key: raw}), seen, now))]
        found = [_look_again(table, clock, pause, key, look[key]) for key in suspects]
        told = tuple(violation for violations in found if violations for violation in violations)
        yield Audited(len(look), told, unsettled=found.count(None))
        if after is None:
            return


def _look_again(
    table: Table, clock: Callable[[], datetime], pause: Callable[[float], None], key: Key, raw: Raw
) -> list[Violation] | None:
    """What is out of order with an item, or None where it changes too often to tell.

    Two looks that show the same, with the chores read in between, are one: nothing has changed from the first to the
    second, so a chore that excuses something would have been there.
    """
    wanted = {key} | surroundings(snapshot_of({key: raw}), clock())
    for _ in range(TRIES):
        try:
            before, jobs, after = (
                raw_reads.at_one_instant(table, wanted),
                raw_reads.open_jobs(table),
                raw_reads.at_one_instant(table, wanted),
            )
        except NotCommitted:
            pause(PAUSE)
            continue
        now = clock()
        subject = snapshot_of({key: after[key]} if key in after else {})
        needed = surroundings(subject, now)
        if snapshot_of(before) == snapshot_of(after) and needed <= wanted:
            return list(violations_of(subject, snapshot_of(jobs | after), now))
        wanted |= needed
        pause(PAUSE)
    return None


def _patiently(pause: Callable[[float], None], read: Callable[[], T]) -> T:
    """Read, and again where the table does not answer."""
    for number in range(TRIES - 1):
        try:
            return read()
        except NotCommitted:
            pause(PAUSE * 2**number)
    return read()
