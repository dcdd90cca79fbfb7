"""The occurrences of due repeats, made at once for one member and by the schedule for all (R40).

A member with due repeats stays in the list until a run has made everything that is due. A run that ends early, for any
reason, is continued by the next. At a limit of the date it goes on after the end of the date.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from msgspec.structs import replace

from chalicelib.domain.decisions.occurrences import next_due, occurrences
from chalicelib.domain.decisions.repeat_schedule import schedule_changes
from chalicelib.domain.decisions.write_set import Decision, DocumentChange, WriteSet
from chalicelib.domain.model.errors import Busy
from chalicelib.domain.model.repeat import GATHERED, MADE_AHEAD, DueRepeats, EndedRepeat, Repeat
from chalicelib.event_sources import SWEEP_EVERY
from chalicelib.metrics import current_metrics
from chalicelib.services.context import Context
from chalicelib.services.repeats.made_sessions import cancel_made
from chalicelib.services.repeats.occurrence import (
    OccurrenceDelayed,
    RepeatChanged,
    RepeatOwner,
    make_occurrence,
    owner_of,
)
from chalicelib.services.repeats.paused_repeats import pause_repeats
from chalicelib.services.repeats.request_budget import RequestBudget
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import reads, repeat_reads
from chalicelib.storage.document_keys import DUE_SHARDS
from chalicelib.storage.errors import TableRequestFailed
from chalicelib.storage.repeat_reads import MemberRepeats

T = TypeVar("T")

# A run of the schedule starts no member after this time. The next run does the rest.
RUN_FOR = timedelta(minutes=1)
# The number of members whose occurrences a run makes at once.
PARALLEL_MEMBERS = 8
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def make_all_due(context: Context) -> int:
    """Make the occurrences that are due, for all members. Return the number of members.

    Several members run in parallel. One whose occurrences fail does not stop the others.
    """
    now, done = context.clock(), 0
    first = (now - _EPOCH) // SWEEP_EVERY
    for number in range(DUE_SHARDS):
        # Each run begins with another partition, so that a long list delays no other for long.
        shard = (first + number) % DUE_SHARDS
        none: list[DueRepeats] = []
        due = _or_next_run(partial(_due_members, context, shard, now), none)
        with context.table.parallel(PARALLEL_MEMBERS) as threads:
            done += sum(threads.map(partial(_make_in_time, context, now + RUN_FOR), due))
    return done


def _make_in_time(context: Context, until: datetime, row: DueRepeats) -> int:
    """Make the occurrences of a member, or leave them to the next run after `until`. Return the number of members."""
    if context.clock() >= until:
        current_metrics().count_left()
        return 0
    return _or_next_run(partial(make_due, context, row.member_id, gathered=GATHERED), 0)


def make_at_once(context: Context, repeat: Repeat) -> None:
    """Make a repeat's occurrences of the next 14 days, as many as a request may (R36).

    What is due of the member's other repeats is left to the schedule.
    """
    make_due(context, repeat.member_id, only=repeat.repeat_id, budget=RequestBudget(context))


def make_due(
    context: Context,
    member_id: str,
    *,
    gathered: timedelta = timedelta(0),
    only: str | None = None,
    budget: RequestBudget | None = None,
) -> int:
    """Make a member's occurrences of the next 14 days, and list the member for the next ones. Return 1.

    It also makes those without a partner that are due in the `gathered` time. With `only` it makes those of that
    repeat, and with a `budget` no more than that permits. Nothing is made for a deleted or a suspended account. Raises
    Busy.
    """
    caller = reads.profile(context.table, member_id)
    if caller is None:
        # The deletion of the account erases the repeats and the row of the list.
        return 0
    if caller.suspension:
        pause_repeats(context, caller)
        return 0
    until = context.clock() + MADE_AHEAD
    found = repeat_reads.repeats_of(context.table, member_id)
    if only is None:
        found = _without_ended(context, found)
    stored: dict[str, Repeat | None] = {repeat.repeat_id: repeat for repeat in found.repeats}
    not_before = None
    owner = owner_of(context, caller)
    for repeat in sorted(found.repeats, key=lambda one: (one.made_at, one.repeat_id)):
        if only not in (None, repeat.repeat_id):
            continue
        end = until if repeat.partner_id else until + gathered
        try:
            stored[repeat.repeat_id] = _make_each(context, owner, repeat, end, budget)
        except OccurrenceDelayed as delay:
            # The limit refuses every other session of the member too.
            stored[repeat.repeat_id], not_before = delay.repeat, delay.until
            break
    _list_again(context, replace(found, repeats=list(filter(None, stored.values()))), not_before)
    return 1


def _make_each(
    context: Context, owner: RepeatOwner, repeat: Repeat, until: datetime, budget: RequestBudget | None
) -> Repeat | None:
    """Make the occurrences of a repeat up to an instant, and return the repeat as stored, None if it was ended."""
    current: Repeat | None = repeat
    while current and (due := occurrences(current, until)):
        if budget and not budget.permits_step():
            break
        try:
            current = make_occurrence(context, owner, current, due[0])
        except RepeatChanged:
            current = repeat_reads.repeat(context.table, repeat.member_id, repeat.repeat_id)
    return current


def _without_ended(context: Context, found: MemberRepeats) -> MemberRepeats:
    """Cancel what the requests that ended repeats have left, and return the member's repeats without these."""
    for ended in found.ended:
        cancel_made(context, ended.member_id, ended.repeat_id)
        _forget(context, ended)
    return replace(found, ended=[])


def _forget(context: Context, ended: EndedRepeat) -> None:
    done = WriteSet(documents=(DocumentChange(ended, None, regardless=True),))
    run_transaction(context, lambda _: Decision(None, done))


def _list_again(context: Context, known: MemberRepeats, not_before: datetime | None) -> None:
    """Move the member in the list to the instant of the next occurrence, or later to `not_before`.

    A repeat that was made or changed since the read of the schedule has changed the schedule too.
    """
    member_id = known.schedule.member_id

    def decide(attempt: Attempt) -> Decision[None]:
        found = known if attempt.number == 1 else repeat_reads.repeats_of(context.table, member_id)
        due = next_due(found.repeats, found.ended)
        due = max(due, not_before) if due and not_before else due
        if due == found.schedule.due:
            return Decision(None)
        # The tombstone of a deleted account is written first, so that its erasure finds the row.
        return Decision(None, WriteSet(documents=schedule_changes(found.schedule, due), present=(member_id,)))

    run_transaction(context, decide)


def _due_members(context: Context, shard: int, now: datetime) -> list[DueRepeats]:
    return list(repeat_reads.due_members(context.table, shard, now))


def _or_next_run(work: Callable[[], T], otherwise: T) -> T:
    """Return the result of the work, or `otherwise` if it fails and the next run must do it."""
    try:
        return work()
    except (Busy, TableRequestFailed):
        current_metrics().count_left()
    except Exception as error:  # noqa: BLE001 - it is logged, and does not stop other members
        current_metrics().error = error
    return otherwise
