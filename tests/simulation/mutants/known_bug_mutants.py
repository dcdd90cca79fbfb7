"""Mutants with a known bug of another project, or with one that is likely in this project.

A known bug replaces one function within a context. All other code is the deployed code.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from msgspec.structs import replace
from pynamodb.exceptions import TransactWriteError

from chalicelib.domain.decisions import booker_judgement, decide_lock, decide_random
from chalicelib.domain.decisions.batch_plan import BatchPlan, PlannedTransaction
from chalicelib.domain.decisions.booking_facts import BookingFacts
from chalicelib.domain.decisions.day_editor import DayEditor
from chalicelib.domain.decisions.partner_choice import may_pair
from chalicelib.domain.decisions.queue_rows import RowChanges, WaitingRow
from chalicelib.domain.decisions.write_set import Decision, Job, WriteSet
from chalicelib.domain.model import day as day_module
from chalicelib.domain.model.booking import Booking, QueuePosition
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.ids import session_id
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.member import NO_RELATION
from chalicelib.services import transaction
from chalicelib.services.bookings import batch, book, cancel, facts, sessions
from chalicelib.services.bookings.cancel import cancel_session
from chalicelib.services.members import delete, relationships
from chalicelib.services.slot_matching import match_slot, partner_search, rematch
from chalicelib.services.transaction import Attempt
from chalicelib.storage import day_mappers, reads, transactions
from chalicelib.storage.connection import Table
from chalicelib.storage.day_mappers import day_item
from chalicelib.storage.errors import Conflict
from chalicelib.storage.items import DayItem, Item
from chalicelib.storage.writes import Transaction
from tests.simulation.mutants.mutant_search import INITIAL_STATES, OPERATIONS, Start
from tests.simulation.scenarios.operations import LOCKS, ActorOperation, UseCase

# A module or class, and the name of its attribute.
Place = tuple[Any, str]
AN_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class KnownBug:
    """A known bug with its source.

    `by` has the operations that can trigger the bug. `initial_state` is the first state to search.
    """

    name: str
    source: str
    by: tuple[str, ...]
    initial_state: str
    apply: Callable[[], Any]

    @property
    def starts(self) -> list[Start]:
        """The operations and initial states with which the search starts."""
        initial_states = dict.fromkeys((self.initial_state, *INITIAL_STATES))
        return [
            (initial_state, operation)
            for initial_state in initial_states
            for operation in (*OPERATIONS, *BATCHES)
            if str(operation) in self.by
        ]


# They are no part of the other searches, whose recorded schedules are numbered.
BATCHES = (
    ActorOperation(UseCase.BATCH, "Dee"),
    ActorOperation(UseCase.BATCH, "Ada"),
    ActorOperation(UseCase.BATCH, "Dee", "Ada", option=LOCKS),
)
MATCHED = "Ada and Ben are matched, Cy waits"
KNOWN_BUGS: list[KnownBug] = []


def known_bug(source: str, *places: Place, by: tuple[str, ...], initial_state: str = MATCHED) -> Any:
    """Register a function as a known bug that replaces these places. Its docstring is its name."""

    def note(replacement: Any) -> Any:
        KNOWN_BUGS.append(
            KnownBug(replacement.__doc__.strip(), source, by, initial_state, partial(replaced, places, replacement))
        )
        return replacement

    return note


@contextmanager
def replaced(places: tuple[Place, ...], replacement: Any) -> Iterator[None]:
    """Replace the attributes within the context."""
    with ExitStack() as stack:
        for owner, name in places:
            stack.callback(setattr, owner, name, getattr(owner, name))
            setattr(owner, name, replacement)
        yield


_attempt, _commit, _write_rows, _row_changes = (
    transaction.Attempt,
    transactions.commit,
    transactions._write_rows,
    transactions.row_changes,
)
_merged = BatchPlan._merged
_cancel, _is_open, _with_booking, _views = DayEditor.cancel, InviteLink.is_open, Day.with_booking, sessions.views
_booking_map, _own_conflicts = day_mappers._booking_map, booker_judgement.own_conflicts


@known_bug("calcom/cal.com#13397, #28151", (transactions, "_put_day"), by=("Ada books at nine", "Dee books at nine"))
def write_without_check(transaction: Transaction, change: Any) -> None:
    """Write a booking of a free time without a check for writes since the read."""
    transaction.save(day_item(change.after))


@known_bug(
    "calcom/cal.com#29958",
    (transactions, "_put_day"),
    by=("Dee locks in with Ada at nine", "Cy accepts the invite of Ada at nine"),
)
def check_only_new_bookings(transaction: Transaction, change: Any) -> None:
    """Check the version only for a new booking, so that two members lock the same one."""
    new = len(change.after.bookings) > len(change.before.bookings)
    unchanged = Item.pk.does_not_exist() | (DayItem.version == change.before.version)
    transaction.save(day_item(change.after), condition=unchanged if new else None)


@known_bug(
    "LibreBooking/librebooking#147", (transaction, "commit"), by=("Dee locks in with Ada at nine", "Dee books at nine")
)
def ignore_lost_race(table: Table, changes: WriteSet, **more: Any) -> None:
    """Return the same response to the loser of a race as to the winner."""
    with suppress(Conflict):
        _commit(table, changes, **more)


@known_bug(
    "alextselegidis/easyappointments#845",
    (rematch, "run_transaction"),
    (match_slot, "run_transaction"),
    by=("the stream is delivered", "the queues are swept"),
    initial_state="Ada and Cy wait although they are compatible",
)
def run_without_conditions(context: Any, decide: Callable[[Attempt], Decision[Any]]) -> Any:
    """Write without conditions when the queue worker pairs two members."""
    decision = decide(Attempt(1, context.token(8), context.token(16), context.clock()))
    transaction = Transaction(context.table, context.token(26))
    for change in decision.changes.days:
        write_without_check(transaction, change)
    _write_rows(transaction, decision.changes)
    with suppress(TransactWriteError):
        transaction.send()
    return decision.answer


@known_bug("alextselegidis/easyappointments#1178", (sessions, "views"), by=("Ada views Cy",))
def cancel_on_view(context: Any, bookings: Any, now: Any) -> Any:
    """Cancel a session when a link to it is opened."""
    key_text = _views(context, bookings, now)
    for view in key_text:
        cancel_session(context, view.booking.member_id, view.booking.booking_id)
    return key_text


@known_bug(
    "calcom/cal.com#29815",
    (InviteLink, "is_open"),
    by=("Cy accepts the invite of Ada at nine", "Dee accepts the invite of Ada at after midnight"),
    initial_state="Ada waits at nine and after midnight",
)
def is_open_until_expiry(link: InviteLink, now: Any) -> bool:
    """Ignore the maximum of uses of a link that has an expiry."""
    return now < link.expires_at if link.expires_at else _is_open(link, now)


@known_bug("calcom/cal.com#29986", (Day, "with_booking"), by=("Ada locks in with Cy at nine", "Ben cancels at nine"))
def with_new_booking_id(day: Day, booking: Booking) -> Day:
    """Give a booking a new id when its partner changes."""
    before = day.find(booking.booking_id)
    if before is None or not booking.active or before.partner == booking.partner:
        return _with_booking(day, booking)
    others = replace(day, bookings=tuple(booked for booked in day.bookings if booked != before))
    return _with_booking(others, replace(booking, booking_id=session_id(day.member_id, day.date, "0" * 16)))


@known_bug("calcom/cal.com#8378", (DayEditor, "cancel"), by=("Ada cancels at nine",))
def cancel_both(editor: DayEditor, booking: Booking) -> None:
    """Cancel both bookings of a pair when one member cancels."""
    partner = booking.partner and editor._partner_of(booking)
    _cancel(editor, booking)
    if partner:
        editor._save(partner.cancelled(editor._now))


@known_bug("calcom/cal.com#6217, #10517, #30104", (day_mappers, "_booking_map"), by=("Ada books at nine",))
def an_hour_late(booking: Booking, schema: int) -> Any:
    """Write starts by another clock than they are read, one hour apart."""
    return _booking_map(replace(booking, slot=replace(booking.slot, start=booking.slot.start + AN_HOUR)), schema)


def fitting_by_id(booking: Booking, pairs_relations: Any, days: Any, now: Any) -> Iterator[tuple[Any, Booking]]:
    """Yield the booking of each member of the queue in its slot, in any state."""
    for one in pairs_relations:
        booked = may_pair(one, booking.slot, days, now) and days.holding(one.other.member_id, booking.slot)
        if booked:
            yield one, booked


def choose_by_id(booking: Booking, pairs_relations: Any, days: Any, now: Any, _chance: Any) -> Booking | None:
    """Choose the partner by id without a check of the booking's state."""
    return next((booked for _, booked in fitting_by_id(booking, pairs_relations, days, now)), None)


@contextmanager
def joining() -> Iterator[None]:
    """Replace both functions that check the state of a candidate's booking."""
    with (
        replaced(((facts, "fitting"), (partner_search, "fitting")), fitting_by_id),
        replaced(((decide_random, "choose_partner"), (partner_search, "choose_partner")), choose_by_id),
    ):
        yield


KNOWN_BUGS.append(
    KnownBug(
        str(choose_by_id.__doc__),
        "nrgiser71/tandemup, joining",
        ("Dee books at nine", "Eve books at nine"),
        MATCHED,
        joining,
    )
)


@known_bug(
    "nrgiser71/tandemup, a route that repairs orphaned sessions", (DayEditor, "cancel"), by=("Ada cancels at nine",)
)
def cancel_own_half(editor: DayEditor, booking: Booking) -> None:
    """Write only the canceller's half and leave the partner's half to a later repair."""
    editor._save(booking.cancelled(editor._now))
    if booking.slot.past_midnight:
        editor._set_overnight_until(booking, None)


@known_bug("ADR 2: rows are deleted by exact keys", (transactions, "row_changes"), by=("Dee books at nine",))
def delete_first_row(changes: Any) -> RowChanges:
    """Delete the waiting row of the first queue position instead of the current one."""
    found = _row_changes(changes)
    apply = {
        booked.member_id: QueuePosition(displaced=False, since=booked.requested_at)
        for change in changes
        for booked in change.before.bookings
    }
    taken = (
        replace(row, queue_position=apply[row.member_id]) if isinstance(row, WaitingRow) else row
        for row in found.delete
    )
    return replace(found, delete=frozenset(taken))


@known_bug("ADR 2: rows follow from the days", (transactions, "_write_rows"), by=("Dee books at nine",))
def write_rows_separately(transaction: Transaction, changes: WriteSet) -> None:
    """Write the queue rows in a transaction of their own."""
    another = Transaction(transaction.table, transaction.token[::-1])
    _write_rows(another, changes)
    another.send()


@known_bug(
    "ADR 1: a retry after a lost response finds its own operation",
    (transaction, "Attempt"),
    by=("Ada books at nine",),
    initial_state="no slot is booked",
)
def attempt_with_new_ids(number: int, operation: str, apply: str, now: Any, chosen_partners: list[str]) -> Attempt:
    """Give each attempt a new operation id, so that a retry does not find its own commit."""
    return _attempt(number, f"{number}{operation[1:]}", f"{number}{apply[1:]}", now, chosen_partners)


@known_bug(
    "ADR 49: the commit excludes a block between the reads of relations and of days",
    (decide_random, "unread_block"),
    (partner_search, "unread_block"),
    by=("Cy books at nine", "Ada blocks Cy"),
    initial_state="Ada waits at nine and after midnight",
)
def trust_every_day(_day: Any, _other: str, _now: Any) -> tuple[tuple[str, str], ...]:
    """Read relations beside days, and miss a block in between."""
    return ()


@known_bug(
    "ADR 49: a lock excludes a block between the members it displaces",
    (decide_lock, "unread_block"),
    by=("Dee locks in with Ben at nine", "Ada blocks Cy"),
    initial_state="Ada and Ben are matched, and so are Cy and Dee, and all are subscribed",
)
def trust_days_of_displaced(_day: Any, _other: str, _now: Any) -> tuple[tuple[str, str], ...]:
    """Read relations of displaced members beside their days, and miss a block in between."""
    return ()


@known_bug(
    "ADR 22: the version bumps of a block",
    (relationships, "bump_days_ahead"),
    by=("Cy books at nine", "Ada blocks Cy"),
    initial_state="Ada waits at nine and after midnight",
)
def no_version_bump(_context: Any, _member_id: str) -> None:
    """Block without version bumps, so that an earlier reader still pairs the two."""


@known_bug(
    "ADR 22: the second look of a booking that created its owner's day",
    (book, "confirm_new_day"),
    by=("Dee books at nine", "Dee locks in with Ada at nine"),
    initial_state="Ada waits at nine and after midnight",
)
def no_second_look(_context: Any, view: Any) -> Any:
    """Return a booking in a new day without a second look, so that a block meanwhile parts no pair."""
    return view


@known_bug(
    "ADR 22: the job of a block stays for a minute",
    (Job, "is_settled"),
    by=("Dee books at nine", "Dee locks in with Ada at nine"),
    initial_state="Ada waits at nine and after midnight",
)
def delete_job_at_once(_job: Job, _now: Any) -> bool:
    """Delete the job of a block at once, so that a pair stays whose booking crashed after its commit."""
    return True


@known_bug(
    "ADR 8: what others said outlives the account",
    (delete, "_without_favorite"),
    by=("Ada deletes the account", "Eve deletes the account"),
)
def forget_all(_relation: Any) -> Any:
    """Delete a whole relation about a deleted account, with its snooze or block."""
    return NO_RELATION


@known_bug("ADR 1: a footprint past midnight", (DayEditor, "_set_overnight_until"), by=("Dee books at midnight",))
def no_overnight(_editor: DayEditor, _booking: Booking, _until: Any) -> None:
    """Leave the next day free of a booking past midnight."""


@known_bug("ADR 1: days are kept", (transactions, "_put_day"), by=("Ada cancels at nine",))
def delete_empty_days(transaction: Transaction, change: Any) -> None:
    """Delete a day without bookings, so that its version starts again."""
    unchanged = Item.pk.does_not_exist() | (DayItem.version == change.before.version)
    write = transaction.save if any(change.after.active) else transaction.delete
    write(day_item(change.after), condition=unchanged)


@known_bug(
    "ADR 1: the loser of a race reads and decides again",
    (transaction, "commit"),
    by=("Dee locks in with Ada at nine", "Dee books at nine"),
)
def overwrite_after_conflict(table: Table, changes: WriteSet, *, token: str, now: Any) -> None:
    """Write the old decision over the new versions after a lost race."""
    try:
        _commit(table, changes, token=token, now=now)
    except Conflict:
        fresh = reads.days(table, (change.before.key for change in changes.days))
        days = ((fresh[change.before.key], change.after) for change in changes.days)
        over = tuple(
            replace(change, before=current, after=replace(after, version=current.version + 1))
            for change, (current, after) in zip(changes.days, days, strict=True)
        )
        _commit(table, replace(changes, days=over), token=token[::-1], now=now)


@known_bug(
    "ADR 7: a use is counted with the lock", (transaction, "commit"), by=("Cy accepts the invite of Ada at nine",)
)
def count_use_afterwards(table: Table, changes: WriteSet, *, token: str, now: Any) -> None:
    """Count the use of a link in a transaction after the lock."""
    _commit(table, replace(changes, invite=None), token=token, now=now)
    _commit(table, WriteSet(invite=changes.invite), token=token[::-1], now=now)


@known_bug(
    "Idempotency keys stored after the request",
    (transaction, "commit"),
    by=("Ada books at nine (a key)",),
)
def record_response_afterwards(table: Table, changes: WriteSet, *, token: str, now: Any) -> None:
    """Record the response to an idempotency key in a transaction after the booking."""
    _commit(table, replace(changes, recorded_responses=()), token=token, now=now)
    if changes.recorded_responses:
        _commit(table, WriteSet(recorded_responses=changes.recorded_responses), token=token[::-1], now=now)


@known_bug("R36: counted writes increment a versioned limit", (transactions, "_bump_limit"), by=("Ada invites (1)",))
def count_without_limit(_transaction: Transaction, _limit: Any) -> None:
    """Count and then write without a versioned limit, so that two concurrent writes exceed the limit."""


@known_bug(
    "R12: a member who is matched with the target stays matched",
    (decide_lock, "_names"),
    by=("Ada locks in with Cy at nine", "Cy locks in with Ada at nine"),
)
def never_named(_days: Any, _target: str) -> bool:
    """Move two matched members to another room when one locks the other."""
    return False


@known_bug(
    "R14: a refusal is true of one moment", (decide_lock, "_check_unchanged"), by=("Ada locks in with Cy at nine",)
)
def skip_recheck_of_booking(_before: Any, _after: Any) -> None:
    """Refuse a lock for a snooze that was set after the requested pair was made."""


@known_bug(
    "Idempotency keys that are read once, before everything else",
    (decide_lock, "check_still_unanswered"),
    (decide_random, "check_still_unanswered"),
    by=("Cy accepts the invite of Ada at nine (a key)",),
)
def skip_recheck_of_response(_facts: Any) -> None:
    """Refuse the second of two equal concurrent requests because of the first one's booking."""


@known_bug(
    "R17: until its start",
    (booker_judgement, "own_conflicts"),
    by=("Cy books at half past nine (replacing)",),
    initial_state="Cy and Dee are in session",
)
def replace_started_booking(booking_request: Any, caller: str, days: Any, _now: Any) -> Any:
    """Replace a booking whose session has started, so that the partner is left alone."""
    return _own_conflicts(booking_request, caller, days, datetime.min.replace(tzinfo=UTC))


@known_bug(
    "R18: no second match with a member who cancelled",
    (Day, "members_who_cancelled"),
    by=("Cy books at nine",),
    initial_state="Cy has cancelled on Ada, who waits",
)
def no_cancellations(_day: Day, _slot: Any) -> frozenset[str]:
    """Match a member again with the member who cancelled in this slot."""
    return frozenset()


@known_bug(
    "R36: the limit of cancelled matches",
    (booker_judgement, "check_cancelled_matches"),
    by=("Cy books at half past nine (replacing)",),
    initial_state="Cy has cancelled two matches, Ada and Dee wait",
)
def no_limit_of_cancelled_matches(_limit: int, _days: Any, _now: Any) -> None:
    """Book after any number of cancelled matches."""


@known_bug(
    "R36: an answer without a write is given after a second look at the recorded responses",
    (booker_judgement, "check_still_unanswered"),
    by=("Ada books at nine (a key)",),
    initial_state="no slot is booked",
)
def keep_booking_of_concurrent_request(_facts: Any) -> None:
    """Answer that a booking exists although a concurrent request with the same idempotency key made it."""


@known_bug(
    "R19: the same change twice has one effect",
    (rematch, "match_waiting"),
    by=("the stream is delivered",),
    initial_state="Ada and Cy wait although they are compatible",
)
def match_without_read(context: Any, row: Any) -> None:
    """Trust the stream record that its member still waits."""

    def decide(attempt: Attempt) -> Decision[None]:
        days = reads.days(context.table, [(row.member_id, row.slot.date)])
        booking = days.holding(row.member_id, row.slot)
        if booking is None:
            return Decision(None)
        pages = partner_search.all_waiting(context, booking.slot, booking.queue_shard)
        found = partner_search.find_partner(context, booking, days, pages, attempt.now)
        if found.booking is None:
            return Decision(None)
        editor = DayEditor(found.days, attempt.operation, attempt.now)
        editor.match(booking, found.booking, context.token(26))
        return Decision(None, WriteSet(days=editor.changes()))

    transaction.run_transaction(context, decide)


for owner, attribute, value, name, source in (
    (
        day_module,
        "KEPT_OPERATIONS",
        1,
        "Remember only the last write, so that a retry after another write books again.",
        "ADR 1: a day keeps the ids of its last eight writes",
    ),
    (
        transaction,
        "OUTCOME_UNKNOWN_DETAIL",
        None,
        "Say that nothing changed when the outcome is unknown.",
        "A time-out that is taken for a refusal",
    ),
):
    KNOWN_BUGS.append(
        KnownBug(
            name, source, ("Ada books at nine",), "no slot is booked", partial(replaced, ((owner, attribute),), value)
        )
    )


@known_bug("ADR 26: the days as the plan leaves them", (BatchPlan, "evolved"), by=("Dee books in a batch at nine",))
def forget_earlier_items(_plan: BatchPlan, read: BookingFacts) -> BookingFacts:
    """Decide an item of a batch without the bookings of the items before it."""
    return read


@known_bug("ADR 26: merged write sets", (BatchPlan, "_merged"), by=("Dee books in a batch at nine",))
def drop_days_of_later_items(
    plan: BatchPlan, planned: PlannedTransaction, place: int, on: Any, changes: WriteSet
) -> PlannedTransaction:
    """Merge the write sets of a batch without the days of the later items."""
    merged = _merged(plan, planned, place, on, changes)
    days = planned.changes.days or merged.changes.days
    return replace(merged, changes=replace(merged.changes, days=days))


@known_bug(
    "ADR 26: the first failed transaction ends the round",
    (batch, "commit"),
    by=("Dee books in a batch at nine", "Dee books in a batch Ada at nine (locks)"),
)
def ignore_lost_race_of_batch(table: Table, changes: WriteSet, **more: Any) -> None:
    """Return the results of a batch although its transaction conflicts."""
    with suppress(Conflict):
        _commit(table, changes, **more)


@known_bug(
    "ADR 26: one second look for all new days",
    (batch, "confirm_new_days"),
    by=("Dee books in a batch at nine", "Dee books in a batch Ada at nine (locks)"),
    initial_state="Ada waits at nine and after midnight",
)
def skip_second_look_of_batch(_context: Any, views: Any) -> Any:
    """Answer a batch without a second look at the days that it created."""
    return list(views)


@known_bug(
    "ADR 45: each retry reads by itself",
    (cancel, "begun_first"),
    (sessions, "begun_first"),
    by=("Ada cancels at nine", "Ada edits at nine"),
)
def decide_again_on_begun_read(begun: Any, _read: Any) -> Any:
    """Decide each retry on the day that was read with the account."""
    return begun
