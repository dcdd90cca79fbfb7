"""The plan of several bookings of one member, decided in order and committed in few transactions.

Each decision sees the days as the decisions before it leave them. The write sets of consecutive bookings are merged
into one transaction. The transactions are committed in order, and the first that fails ends the plan. Later ones were
decided on days that do not exist then.
"""

from collections import Counter
from collections.abc import Callable
from datetime import date
from enum import IntEnum

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.decisions.booker_judgement import judge_booker
from chalicelib.domain.decisions.booking_facts import BookingFacts, Terms
from chalicelib.domain.decisions.day_editor import DayChange, StaleRead
from chalicelib.domain.decisions.queue_rows import row_changes
from chalicelib.domain.decisions.title_items import title_changes
from chalicelib.domain.decisions.write_set import WriteSet
from chalicelib.domain.model.day import Day, DayKey, Days
from chalicelib.domain.model.limits import VersionedLimit

# The maximum number of writes of one transaction. That number of the largest days has less than 4 MB.
MOST_WRITES = 100


class Grouping(IntEnum):
    """The bookings that one transaction may hold, which are all, those of one date, or one."""

    WHOLE = 0
    DATE = 1
    ITEM = 2

    @property
    def smaller(self) -> "Grouping":
        """The grouping after a conflict."""
        return Grouping(min(self + 1, Grouping.ITEM))


class PlannedTransaction(Struct, frozen=True):
    """A transaction of consecutive bookings, given by their places in the batch and the dates of their slots.

    `operation` is its id in the days that it writes.
    """

    operation: str
    places: tuple[int, ...] = ()
    dates: tuple[date, ...] = ()
    changes: WriteSet = WriteSet()


class BatchPlan:
    """The transactions of a batch so far, and the days as they leave them.

    `batches` is the versioned limit of batches, read if several requests have one date. Every transaction increments it
    unless the limit of bookings is in force, so two such batches of one member conflict (R36).
    """

    def __init__(self, grouping: Grouping, batches: VersionedLimit | None, new_operation: Callable[[], str]) -> None:
        self.transactions: list[PlannedTransaction] = []
        self._grouping = grouping
        self._batches = batches
        self._new_operation = new_operation
        self._days: dict[DayKey, Day] = {}
        # The number of earlier transactions that increment each versioned limit.
        self._increments: Counter[str] = Counter()

    def evolved(self, facts: BookingFacts) -> BookingFacts:
        """Return the facts with the days as the plan leaves them."""
        facts = replace(facts, booker=replace(facts.booker, days=self._evolved(facts.booker.days)))
        if facts.target:
            facts = replace(facts, target=replace(facts.target, days=self._evolved(facts.target.days)))
        if facts.waiting_members:
            days = self._evolved(facts.waiting_members.days)
            facts = replace(facts, waiting_members=replace(facts.waiting_members, days=days))
        if facts.existing_facts:
            days = self._evolved(facts.existing_facts.days)
            facts = replace(facts, existing_facts=replace(facts.existing_facts, days=days))
        return facts

    def add(self, place: int, on: date, changes: WriteSet) -> None:
        """Add the write set of a booking on that date, which was decided on the evolved days."""
        last = self.transactions.pop() if self.transactions else PlannedTransaction(self._new_operation())
        merged = self._merged(last, place, on, changes)
        if last.places and not (self._may_share(last, on) and number_of_writes(merged.changes) <= MOST_WRITES):
            self.transactions.append(last)
            if last.changes.versioned_limit:
                self._increments[last.changes.versioned_limit.name] += 1
            merged = self._merged(PlannedTransaction(self._new_operation()), place, on, changes)
        self.transactions.append(merged)
        self._days |= {change.after.key: change.after for change in merged.changes.days}

    def _may_share(self, transaction: PlannedTransaction, on: date) -> bool:
        if self._grouping is Grouping.DATE:
            return set(transaction.dates) == {on}
        return self._grouping is Grouping.WHOLE

    def _merged(self, transaction: PlannedTransaction, place: int, on: date, changes: WriteSet) -> PlannedTransaction:
        """Return the transaction with one more booking. Each of its days is written once, from the version it had."""
        before = transaction.changes
        days = {change.after.key: change for change in before.days}
        for change in changes.days:
            key = change.after.key
            read = days[key].before if key in days else change.before
            content = replace(change.after, version=read.version, operations=read.operations)
            days[key] = DayChange(read, content.written_by(transaction.operation))
        dates = (*transaction.dates, on)
        # The limit of bookings, if it is in force. Each transaction increments it once.
        added = changes.versioned_limit or self._batches
        if added:
            added = replace(added, version=added.version + self._increments[added.name])
        merged = WriteSet(
            days=tuple(days.values()),
            queue_shards=before.queue_shards + changes.queue_shards,
            recorded_responses=before.recorded_responses + changes.recorded_responses,
            versioned_limit=added if changes.versioned_limit else before.versioned_limit or added,
            # One transaction checks each item once.
            unblocked=tuple(dict.fromkeys(before.unblocked + changes.unblocked)),
        )
        return PlannedTransaction(transaction.operation, (*transaction.places, place), dates, merged)

    def _evolved(self, days: Days) -> Days:
        return Days(self._days.get(day.key, day) for day in days)


def is_judged_alike(read: BookingFacts, evolved: BookingFacts, terms: Terms) -> bool:
    """Return whether the booker's days as read and as evolved lead to the same judgement.

    If not, an earlier booking of the plan has changed what the request needs. The request waits until it is committed.
    """
    try:
        one, other = judge_booker(read, terms), judge_booker(evolved, terms)
    except StaleRead:
        return False
    reasons = type(one.refusal) is type(other.refusal)
    return reasons and (one.existing, one.conflicts) == (other.existing, other.conflicts)


def number_of_writes(changes: WriteSet) -> int:
    """Return the number of items that the transaction of a booking writes or checks."""
    rows, titles = row_changes(changes.days), title_changes(changes.days)
    return (
        len(changes.days)
        + len(rows.put)
        + len(rows.delete)
        + len(titles.put)
        + len(titles.delete)
        + sum(opened.after for opened in changes.queue_shards)
        + len(changes.recorded_responses)
        + (changes.versioned_limit is not None)
        + len(changes.unblocked)
    )
