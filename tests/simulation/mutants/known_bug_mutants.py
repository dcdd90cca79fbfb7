"""Mistakes that others made, and some that are easily made here, each written out as the code of whoever makes it.

A mistake takes the place of one function for as long as it lasts; everything else is the code as it is.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from msgspec.structs import replace
from pynamodb.exceptions import TransactWriteError

from chalicelib.domain.decisions.day_editor import DayEditor
from chalicelib.domain.decisions.partner_choice import may_pair
from chalicelib.domain.decisions.queue_rows import RowChanges, WaitingRow
from chalicelib.domain.decisions.write_set import Decision, WriteSet
from chalicelib.domain.model import day as day_module
from chalicelib.domain.model.booking import Booking, QueuePosition
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.ids import session_id
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.handlers.events import stream
from chalicelib.services import transaction
from chalicelib.services.bookings import book, sessions
from chalicelib.services.bookings.cancel import cancel_session
from chalicelib.services.members import relationships
from chalicelib.services.slot_matching import match_slot, partner_search, rematch
from chalicelib.services.transaction import Attempt
from chalicelib.storage import day_mappers, reads, transactions
from chalicelib.storage.connection import Table
from chalicelib.storage.day_mappers import day_item
from chalicelib.storage.errors import Conflict
from chalicelib.storage.items import DayItem, Item
from chalicelib.storage.writes import Transaction
from tests.simulation.mutants.mutant_search import INITIAL_STATES, OPERATIONS, Start

# A module or a class, and the name of what it has there.
Place = tuple[Any, str]
AN_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class KnownBug:
    """A mistake and where it was made; `by` are operations that have to do with it, `initial_state` is where to look first."""

    name: str
    source: str
    by: tuple[str, ...]
    initial_state: str
    apply: Callable[[], Any]

    @property
    def starts(self) -> list[Start]:
        """With what its search begins."""
        initial_states = dict.fromkeys((self.initial_state, *INITIAL_STATES))
        return [
            (initial_state, operation)
            for initial_state in initial_states
            for operation in OPERATIONS
            if str(operation) in self.by
        ]


MATCHED = "Ada and Ben are matched, Cy waits"
KNOWN_BUGS: list[KnownBug] = []


def known_bug(source: str, *places: Place, by: tuple[str, ...], initial_state: str = MATCHED) -> Any:
    """Note a function as a mistake that takes these places; its docstring tells what is wrong with it."""

    def note(replacement: Any) -> Any:
        KNOWN_BUGS.append(
            KnownBug(replacement.__doc__.strip(), source, by, initial_state, partial(_replaced, places, replacement))
        )
        return replacement

    return note


@contextmanager
def _replaced(places: tuple[Place, ...], replacement: Any) -> Iterator[None]:
    """Let something stand in these places."""
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
_cancel, _is_open, _with_booking, _views = DayEditor.cancel, InviteLink.is_open, Day.with_booking, sessions.views
_booking_map, _judge_own_side = day_mappers._booking_map, book.own_conflicts


@known_bug("calcom/cal.com#13397, #28151", (transactions, "_put_day"), by=("Ada books at nine", "Dee books at nine"))
def put_what_was_free(transaction: Transaction, change: Any) -> None:
    """Looked whether the time is free, then booked it, whatever has come in between."""
    transaction.save(day_item(change.after))


@known_bug(
    "calcom/cal.com#29958",
    (transactions, "_put_day"),
    by=("Dee locks in with Ada at nine", "Cy accepts the invite of Ada at nine"),
)
def confirm_what_was_open(transaction: Transaction, change: Any) -> None:
    """What is new is compared, what is only confirmed is not: two accept the same."""
    new = len(change.after.bookings) > len(change.before.bookings)
    unchanged = Item.pk.does_not_exist() | (DayItem.version == change.before.version)
    transaction.save(day_item(change.after), condition=unchanged if new else None)


@known_bug(
    "LibreBooking/librebooking#147", (transaction, "commit"), by=("Dee locks in with Ada at nine", "Dee books at nine")
)
def commit_or_not(table: Table, changes: WriteSet, **more: Any) -> None:
    """Whoever loses the race is told the same as whoever wins it."""
    with suppress(Conflict):
        _commit(table, changes, **more)


@known_bug(
    "alextselegidis/easyappointments#845",
    (rematch, "run_transaction"),
    (match_slot, "run_transaction"),
    by=("the stream is delivered", "the pool is swept"),
    initial_state="Ada and Cy wait and have missed each other",
)
def carry_out_beside(context: Any, decide: Callable[[Attempt], Decision[Any]]) -> Any:
    """A second path, for those who take anybody, writes without the checks of the first."""
    decision = decide(Attempt(1, context.token(8), context.token(16), context.clock()))
    transaction = Transaction(context.table, context.token(26))
    for change in decision.changes.days:
        put_what_was_free(transaction, change)
    _write_rows(transaction, decision.changes)
    with suppress(TransactWriteError):
        transaction.send()
    return decision.answer


@known_bug("alextselegidis/easyappointments#1178", (sessions, "views"), by=("Ada looks around Cy",))
def cancel_what_is_opened(context: Any, bookings: Any, now: Any) -> Any:
    """Opening a link changes something: whoever looks at a session has cancelled it."""
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
def is_open_until_it_expires(link: InviteLink, now: Any) -> bool:
    """A link that has an expiry has no limit of uses."""
    return now < link.expires_at if link.expires_at else _is_open(link, now)


@known_bug("calcom/cal.com#29986", (Day, "with_booking"), by=("Ada locks in with Cy at nine", "Ben cancels at nine"))
def with_a_new_booking(day: Day, booking: Booking) -> Day:
    """A booking that gets another partner gets another id."""
    before = day.find(booking.booking_id)
    if before is None or not booking.active or before.partner == booking.partner:
        return _with_booking(day, booking)
    others = replace(day, bookings=tuple(history for history in day.bookings if history != before))
    return _with_booking(others, replace(booking, booking_id=session_id(day.member_id, day.date, "0" * 16)))


@known_bug("calcom/cal.com#8378", (DayEditor, "cancel"), by=("Ada cancels at nine",))
def cancel_everybody(draft: DayEditor, booking: Booking) -> None:
    """One of two cancels, and both bookings are cancelled."""
    partner = booking.partner and draft._partner_of(booking)
    _cancel(draft, booking)
    if partner:
        draft._save(partner.cancelled(draft._now))


@known_bug("calcom/cal.com#6217, #10517, #30104", (day_mappers, "_booking_map"), by=("Ada books at nine",))
def at_the_local_time(booking: Booking) -> Any:
    """Written by one clock and read by another: after a change of the clocks sessions are an hour off."""
    return _booking_map(replace(booking, slot=replace(booking.slot, start=booking.slot.start + AN_HOUR)))


@known_bug(
    "nrgiser71/tandemup, joining", (partner_search, "choose_partner"), by=("Dee books at nine", "Eve books at nine")
)
def choose_by_id(booking: Booking, pairs_relations: Any, days: Any, now: Any, _chance: Any) -> Booking | None:
    """Joins whoever was found, without looking at the state: who was waiting may have a partner by now."""
    found = [one.other.member_id for one in pairs_relations if may_pair(one, booking.slot, days, now)]
    return next((history for other in found if (history := days.holding(other, booking.slot))), None)


@known_bug(
    "nrgiser71/tandemup, a route that repairs orphaned sessions", (DayEditor, "cancel"), by=("Ada cancels at nine",)
)
def cancel_and_leave_the_rest(draft: DayEditor, booking: Booking) -> None:
    """Whoever cancels writes the own half; the other is found and repaired by and by."""
    draft._save(booking.cancelled(draft._now))
    if booking.slot.past_midnight:
        draft._set_overnight_until(booking, None)


@known_bug("ADR 2: by exact keys", (transactions, "row_changes"), by=("Dee books at nine",))
def take_the_row_of_the_first_turn(changes: Any) -> RowChanges:
    """The row that is taken away is the one that was put when the booking was made, not the one that it has now."""
    found = _row_changes(changes)
    apply = {
        history.member_id: QueuePosition(displaced=False, since=history.requested_at)
        for change in changes
        for history in change.before.bookings
    }
    taken = (
        replace(row, queue_position=apply[row.member_id]) if isinstance(row, WaitingRow) else row for row in found.take
    )
    return replace(found, take=frozenset(taken))


@known_bug("ADR 2: rows follow from the days", (transactions, "_write_rows"), by=("Dee books at nine",))
def write_rows_apart(transaction: Transaction, changes: WriteSet) -> None:
    """The queue is written beside the bookings, in a transaction of its own."""
    another = Transaction(transaction.table, transaction.token[::-1])
    _write_rows(another, changes)
    another.send()


@known_bug(
    "ADR 1: who got no answer finds its own operation",
    (transaction, "Attempt"),
    by=("Ada books at nine",),
    initial_state="nobody has booked",
)
def attempt_anew(number: int, operation: str, apply: str, now: Any, sought: list[str]) -> Attempt:
    """A retry is a new operation: what the first try has done is not known for its own."""
    return _attempt(number, f"{number}{operation[1:]}", f"{number}{apply[1:]}", now, sought)


@known_bug(
    "ADR 3: the days before what the two say",
    (partner_search, "_best_of"),
    by=("Cy books at nine", "Ada blocks Cy"),
    initial_state="Ada waits at nine and after midnight",
)
def best_of_friends(
    context: Any, booking: Booking, own: Any, others: Any, now: Any
) -> partner_search.FoundPartner | None:
    """What two say about each other is read before their days: a block in between is seen by neither."""
    pairs_relations = reads.pairs_relations(context.table, [(booking.member_id, other) for other in others])
    days = own | reads.days(context.table, ((other, booking.slot.date) for other in others))
    chosen = partner_search.choose_partner(booking, pairs_relations, days, now, context.rng)
    pair_relations = next((one for one in pairs_relations if chosen and one.other.member_id == chosen.member_id), None)  # type: ignore[union-attr]
    return partner_search.FoundPartner(chosen, pair_relations, days) if chosen else None


@known_bug(
    "ADR 3: the fence",
    (relationships, "dates_ahead"),
    by=("Dee books at nine", "Dee blocks Ada"),
    initial_state="Cy has cancelled on Ada, who waits",
)
def no_dates(_now: Any) -> tuple[()]:
    """A block without a fence: who has read already pairs the two after all."""
    return ()


@known_bug(
    "ADR 8: the profile is read after the days",
    (book, "own_profile"),
    by=("Ada books at nine", "Eve books at nine"),
    initial_state="nobody has booked",
)
def whoever_was_let_in(_lockstep: Any, _caller: str) -> None:
    """Whoever was let in books: the profile as it was before the days were read is good enough."""


@known_bug(
    "ADR 1: a footprint that passes midnight", (DayEditor, "_set_overnight_until"), by=("Dee books at midnight",)
)
def no_tail(_draft: DayEditor, _booking: Booking, _until: Any) -> None:
    """What passes midnight blocks nothing of the next day."""


@known_bug("ADR 1: days are kept", (transactions, "_put_day"), by=("Ada cancels at nine",))
def delete_empty_days(transaction: Transaction, change: Any) -> None:
    """A day on which nothing is booked any more is deleted: its versions start again."""
    unchanged = Item.pk.does_not_exist() | (DayItem.version == change.before.version)
    write = transaction.save if any(change.after.active) else transaction.delete
    write(day_item(change.after), condition=unchanged)


@known_bug(
    "ADR 1: the loser reads and decides again",
    (transaction, "commit"),
    by=("Dee locks in with Ada at nine", "Dee books at nine"),
)
def commit_over(table: Table, changes: WriteSet, *, token: str, now: Any) -> None:
    """Whoever loses a race looks up the new versions and writes what was decided before."""
    try:
        _commit(table, changes, token=token, now=now)
    except Conflict:
        fresh = reads.days(table, (change.before.key for change in changes.days))
        days = ((fresh[change.before.key], change.after) for change in changes.days)
        over = tuple(
            replace(change, before=now_there, after=replace(after, version=now_there.version + 1))
            for change, (now_there, after) in zip(changes.days, days, strict=True)
        )
        _commit(table, replace(changes, days=over), token=token[::-1], now=now)


@known_bug("ADR 7: spent by the lock", (transaction, "commit"), by=("Cy accepts the invite of Ada at nine",))
def count_the_use_after(table: Table, changes: WriteSet, *, token: str, now: Any) -> None:
    """A use of a link is counted after the lock that it pays for, not with it."""
    _commit(table, replace(changes, invite=None), token=token, now=now)
    _commit(table, WriteSet(invite=changes.invite), token=token[::-1], now=now)


@known_bug(
    "Idempotency keys stored after the request was carried out",
    (transaction, "commit"),
    by=("Ada books at nine (a key)",),
)
def answer_after(table: Table, changes: WriteSet, *, token: str, now: Any) -> None:
    """The answer to a key is kept after what it answers is done, not with it."""
    _commit(table, replace(changes, answer=None), token=token, now=now)
    if changes.answer:
        _commit(table, WriteSet(answer=changes.answer), token=token[::-1], now=now)


@known_bug("R36: what a quota counts passes its guard", (transactions, "_bump_limit"), by=("Ada invites (1)",))
def count_and_hope(_transaction: Transaction, _guard: Any) -> None:
    """A limit is a count that is read, and then one more is written: two at once pass it together."""


@known_bug(
    "R12: who is matched with the target stays",
    (book, "_names"),
    by=("Ada locks in with Cy at nine", "Cy locks in with Ada at nine"),
)
def named_by_nobody(_held: Any, _target: str) -> bool:
    """Two are matched while one of them locks the other, and move into another room."""
    return False


@known_bug("R14: a refusal tells of one moment", (book, "_check_still_held"), by=("Ada locks in with Cy at nine",))
def held_for_ever(_lockstep: Any, _held: Any, _target: str, _slot: Any) -> None:
    """A lock is refused for a snooze that came after the very pair it asks for."""


@known_bug(
    "Idempotency keys that are looked up once, before everything else",
    (book, "_check_still_unanswered"),
    by=("Cy accepts the invite of Ada at nine (a key)",),
)
def unanswered_for_ever(_lockstep: Any, _caller: str, _keyed: Any, _stored: Any) -> None:
    """The same request twice at once: the second is refused for what the first has done."""


@known_bug(
    "R17: until its start",
    (book, "own_conflicts"),
    by=("Cy books at half past nine (replacing)",),
    initial_state="Cy and Dee are in session",
)
def replace_what_has_begun(booking_request: Any, caller: str, days: Any, _now: Any) -> Any:
    """Whoever is in a session books another over it, and leaves the partner alone in the room."""
    return _judge_own_side(booking_request, caller, days, datetime.min.replace(tzinfo=UTC))


@known_bug(
    "R18: nobody is paired again with who cancelled",
    (Day, "members_who_cancelled"),
    by=("Cy books at nine",),
    initial_state="Cy has cancelled on Ada, who waits",
)
def forgiven(_day: Day, _slot: Any) -> frozenset[str]:
    """Who has cancelled is matched with the same person again."""
    return frozenset()


@known_bug(
    "R19: the same change twice has one effect",
    (stream, "match_waiting"),
    by=("the stream is delivered",),
    initial_state="Ada and Cy wait and have missed each other",
)
def match_as_told(context: Any, row: Any) -> None:
    """The worker believes the record: whoever began to wait waits still."""

    def decide(attempt: Attempt) -> Decision[None]:
        days = reads.days(context.table, [(row.member_id, row.slot.date)])
        booking = days.holding(row.member_id, row.slot)
        if booking is None:
            return Decision(None)
        pages = partner_search.all_waiting(context, booking.slot, booking.queue_shard)
        found = partner_search.find_partner(context, booking, days, pages, attempt.now)
        if found.booking is None:
            return Decision(None)
        draft = DayEditor(found.days, attempt.operation, attempt.now)
        draft.match(booking, found.booking, context.token(26))
        return Decision(None, WriteSet(days=draft.changes()))

    transaction.run_transaction(context, decide)


for owner, attribute, value, name, source in (
    (
        day_module,
        "KEPT_OPERATIONS",
        1,
        "Only the last write is remembered: who got no answer and was followed by another books again.",
        "ADR 1: a day keeps the ids of its last eight writes",
    ),
    (
        transaction,
        "OUTCOME_UNKNOWN_DETAIL",
        None,
        "Who gets no answer says that nothing was changed.",
        "A time-out taken for a refusal",
    ),
):
    KNOWN_BUGS.append(
        KnownBug(
            name, source, ("Ada books at nine",), "nobody has booked", partial(_replaced, ((owner, attribute),), value)
        )
    )
