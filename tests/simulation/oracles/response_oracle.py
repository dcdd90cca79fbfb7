"""Whether what was answered is true: of every operation once everything that was sent has arrived."""

import dataclasses
from datetime import datetime, timedelta

from msgspec.structs import replace

from chalicelib.domain.decisions.write_set import RecordedResponse
from chalicelib.domain.model.api_key import ApiKey
from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.errors import (
    Busy,
    IdempotencyKeyReused,
    InviteUnavailable,
    NotAvailable,
    NotFound,
    TimeConflict,
    TooLate,
    Unauthenticated,
)
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.limits import VersionedLimit
from chalicelib.domain.model.member import Profile, Tombstone
from chalicelib.services.bookings.book import Reply
from chalicelib.storage import keys
from chalicelib.storage.errors import NotCommitted
from tests.simulation.engine.operation_run import Act, Violation
from tests.simulation.oracles.commit_oracle import FINAL, told
from tests.simulation.oracles.eligibility_oracle import (
    consents,
    is_blocked,
    is_open,
    may_be_locked,
    pairs_relations,
)
from tests.simulation.oracles.table_history import (
    Held,
    Values,
    account,
    active,
    day,
    key_of,
    link_of,
    of_type,
    relation,
)
from tests.simulation.scenarios.cast import IDS, SLOTS
from tests.simulation.scenarios.operations import Operation, Verb, batched, digest

# What takes more than one transaction, and what is asked for by nobody who could be told anything.
_IN_STEPS = frozenset({Verb.BLOCK, Verb.DELETE})
_BY_ITSELF = frozenset({Verb.DELIVER, Verb.FINALIZE, Verb.SWEEP, Verb.CHORES})
_BOOKING = frozenset({Verb.BOOK, Verb.LOCK, Verb.ACCEPT})
AVAILABLE_AHEAD = timedelta(days=14)


def check_answer(act: Act, held: Held, wrong: timedelta) -> None:
    """Check what an operation answered by everything that the table held meanwhile. Raises Violation."""
    _check_commits(act)
    verb = act.operation.verb
    if act.failed and not act.invalid:
        raise Violation(f"{act.operation} fails: {act.failed!r}")
    if act.ended is None or act.failed or verb in _BY_ITSELF:
        return
    moments = held.moments[act.began : act.ended + 1]
    for one in _each(act):
        if one.refusal is None:
            _check_done(one, moments, wrong)
        elif not _may_be_refused(one, held, moments, wrong):
            raise Violation(f"{one.operation} is refused for no reason: {one.refusal!r}")


def _each(act: Act) -> list[Act]:
    """What was asked for and answered by itself: each item of a batch is."""
    if act.operation.verb is not Verb.BATCH or act.refusal:
        return [act]
    return [
        dataclasses.replace(
            act, operation=item, answer=result, refusal=result if isinstance(result, Exception) else None
        )
        for item, result in zip(batched(act.operation), act.answer, strict=True)
    ]


def _check_commits(act: Act) -> None:
    """What is answered as done was done once, what is refused was not (R17, R29)."""
    # A link tried in vain is counted, and guards of a quota are put up: neither is what was asked for (R36).
    done = sum(
        not all(isinstance(value, VersionedLimit) for value in commit.changed.values()) for commit in act.commits
    )
    verb = act.operation.verb
    if verb in _BY_ITSELF or act.failed:
        return
    if verb is Verb.BATCH:
        if act.ended is not None and done > sum(not one.refusal or is_in_doubt(one.refusal) for one in _each(act)):
            raise Violation(f"{act.operation} is done {done} times, and more is refused than was not")
        return
    if verb is Verb.LOOK and done:
        raise Violation(f"{act.operation} changes something")
    if done > 1 and verb not in _IN_STEPS:
        raise Violation(f"{act.operation} is done {done} times")
    if act.refusal and done and not is_in_doubt(act.refusal):
        raise Violation(f"{act.operation} is done, and refused: {act.refusal!r}")
    answered = act.ended is not None and act.refusal is None
    if answered and verb in _BOOKING and act.answer.new and not done and "key" not in act.operation.manner:
        raise Violation(f"{act.operation} is answered as done, and is not")


def is_in_doubt(refusal: Exception) -> bool:
    """Whether a refusal says that something may have been done; any other says that nothing was changed."""
    return isinstance(refusal, Busy) and refusal.detail != Busy.default_detail


def _check_done(act: Act, moments: list[Values], wrong: timedelta) -> None:
    operation = act.operation
    me, other = IDS.get(operation.who, ""), IDS.get(operation.other, "")
    last = moments[-1]
    match operation.verb:
        case Verb.BOOK | Verb.LOCK | Verb.ACCEPT:
            _check_booked(act, moments)
        case Verb.EDIT:
            _check_seen(operation, act.answer.booking, moments)
        case Verb.RETURN:
            _expect(operation, any(_revision(account(values, me)) == act.answer.revision for values in moments))
        case Verb.CANCEL:
            if any(booking.booking_id == act.answer for booking in active(last)):
                raise Violation(f"{operation}: it is answered, and not done")
        case Verb.BLOCK:
            if not any(relation(values, me, other).blocked for values in moments):
                raise Violation(f"{operation}: it is answered, and not done")
            if all(relation(values, me, other).blocked for values in _since_said(act, moments)):
                assert act.ended_at
                _check_parted(operation, last, (me, other), act.ended_at + wrong)
        case Verb.UNBLOCK:
            _expect(operation, any(not relation(values, me, other).blocked for values in moments))
        case Verb.FAVORITE:
            _expect(operation, any(relation(values, me, other).favorite for values in moments))
        case Verb.UNFAVORITE:
            _expect(operation, any(not relation(values, me, other).favorite for values in moments))
        case Verb.SNOOZE:
            _expect(operation, any(relation(values, me, other).snoozed_until for values in moments))
        case Verb.SET:
            _expect(operation, any(_settings(account(values, me)) == _settings(act.answer) for values in moments))
        case Verb.DELETE:
            _expect(operation, any(isinstance(account(values, me), Tombstone) for values in moments))
        case Verb.INVITE:
            _expect(operation, any(keys.invite(act.answer.digest) in values for values in moments))
        case Verb.MAKE_KEY:
            _expect(operation, any(keys.api_key(act.answer.digest) in values for values in moments))
        case Verb.REVOKE_KEY:
            _expect(operation, act.answer is None or keys.api_key(act.answer) not in last)
        case Verb.CALL if not act.faults:
            key = last.get(keys.api_key(act.answer.digest))
            _expect(operation, not isinstance(key, ApiKey) or (key.last_used and key.last_used >= act.at.date()))
        case Verb.REVOKE:
            _expect(operation, act.answer is None or keys.invite(act.answer) not in last)


def _since_said(act: Act, moments: list[Values]) -> list[Values]:
    """What there was since a block was said: where it was taken back, others answer for what was said again."""
    me, other = IDS[act.operation.who], IDS[act.operation.other]
    own = [commit.number - act.began for commit in act.commits if keys.about(me, other) in commit.changed]
    blocked = (number for number, values in enumerate(moments) if relation(values, me, other).blocked)
    return moments[own[0] if own and own[0] < len(moments) else next(blocked) :]


def _expect(operation: Operation, done: object) -> None:
    if not done:
        raise Violation(f"{operation}: it is answered, and not done")


def _revision(found: object) -> str | None:
    return found.revision if isinstance(found, Profile) else None


def _settings(found: object) -> object:
    return (found.availability, found.partner_gender) if isinstance(found, Profile) else None


def _check_parted(operation: Operation, values: Values, two: tuple[str, str], at: datetime) -> None:
    """Once a block is answered the two have no common pair ahead (R1)."""
    for booking in active(values):
        pair = (booking.member_id, booking.partner and booking.partner.member_id)
        if pair == two and at < booking.slot.start:
            raise Violation(f"{operation}: it is answered, and {told(booking)} stands")


def _check_booked(act: Act, moments: list[Values]) -> None:
    operation, reply = act.operation, act.answer
    booking: Booking = reply.view.booking
    if booking.slot != SLOTS[operation.slot] or booking.member_id != IDS[operation.who]:
        raise Violation(f"{operation}: answered with {told(booking)}")
    if operation.verb is not Verb.BOOK:
        partner = booking.partner.member_id if booking.partner else None
        locked = booking.state is State.LOCKED_IN and partner == IDS[operation.other]
        # An answer that was lost is found by what became of it since.
        if not locked and not act.faults:
            raise Violation(f"{operation}: answered with {told(booking)}")
    if "key" in operation.manner:
        _check_stored(operation, reply, moments)
        key = keys.recorded_response(booking.member_id, operation.manner)
        if not any(key in commit.changed for commit in act.commits):
            # What is answered again was so when it was answered first.
            return
    _check_seen(operation, booking, moments)


def _check_seen(operation: Operation, booking: Booking, moments: list[Values]) -> None:
    """What is shown was so at some time."""
    seen = (day(values, booking.member_id, booking.slot).find(booking.booking_id) for values in moments)
    if not any(one and _shown(one) == _shown(booking) for one in seen):
        raise Violation(f"{operation}: answered with {told(booking)}, which never was")


def _check_stored(operation: Operation, reply: Reply, moments: list[Values]) -> None:
    """What is answered to an idempotency key is what is stored for it: so whoever repeats it is told the same."""
    view, key = reply.view, keys.recorded_response(IDS[operation.who], operation.manner)
    told_now = _repeated(view.booking, view.seen_at), reply.new, view.is_favorite
    stored = [answer for values in moments if isinstance(answer := values.get(key), RecordedResponse)]
    # Who has left is nobody's favorite any more (R33).
    shown = view.partner is not None
    if told_now not in [(_repeated(one.booking, one.at), one.new, one.is_favorite and shown) for one in stored]:
        raise Violation(f"{operation}: answered with {told(view.booking)}, and something else is stored for its key")


def _repeated(booking: Booking, at: datetime) -> tuple[object, ...]:
    """What whoever repeats a request is told: by whole seconds, and not how a former member worked (R33)."""
    partner = booking.partner and (booking.partner.member_id, booking.partner.pair_id)
    return *_shown(replace(booking, partner=None)), partner, at.replace(microsecond=0)


def _shown(booking: Booking) -> tuple[object, ...]:
    return (
        booking.booking_id,
        booking.slot,
        booking.state,
        booking.partner,
        booking.title,
        booking.work_style,
        booking.preference,
    )


def _may_be_refused(act: Act, held: Held, moments: list[Values], wrong: timedelta) -> bool:
    """Whether there was a moment at which the refusal was right."""
    operation, refusal = act.operation, act.refusal
    moments = [values for values in moments if not _is_answered(values, act, wrong)]
    link = link_of(held.moments[: act.came + 1], IDS.get(operation.other, ""))
    me, other, slot = IDS[operation.who], IDS.get(operation.other, ""), SLOTS[operation.slot]
    assert act.ended_at
    early, late = act.at - wrong, act.ended_at + wrong
    match refusal:
        case Unauthenticated() if operation.verb is Verb.CALL:
            key = key_of(held.moments[: act.came + 1], me)
            return any(key is None or keys.api_key(key.digest) not in values for values in moments)
        case Unauthenticated():
            return any(not isinstance(account(values, me), Profile) for values in moments)
        case NotFound():
            gone = any(not isinstance(account(values, other), Profile) for values in moments)
            return gone or operation.verb in (Verb.CANCEL, Verb.EDIT)
        case TooLate():
            return late >= slot.start or operation.verb is Verb.EDIT
        case TimeConflict():
            return any(_is_in_the_way(values, me, operation) for values in moments)
        case IdempotencyKeyReused():
            answers = (answer for values in moments for answer in of_type(values, RecordedResponse))
            return any(
                answer.booking.member_id == me and answer.request_digest != digest(operation) for answer in answers
            )
        case NotAvailable() if me == other:
            return True
        case NotAvailable():
            return any(not _lockable(values, operation, link, early, late) for values in moments)
        case InviteUnavailable():
            return any(not _usable(values, link, me, early, late) for values in moments)
        case Busy() | NotCommitted():
            return act.faults > 0 or operation.verb is Verb.RETURN
    return False


def _is_answered(values: Values, act: Act, wrong: timedelta) -> bool:
    """Whether an answer is stored for just this request: then that is given again."""
    operation = act.operation
    answer = (
        values.get(keys.recorded_response(IDS[operation.who], operation.manner)) if "key" in operation.manner else None
    )
    if not isinstance(answer, RecordedResponse) or answer.request_digest != digest(operation):
        return False
    assert act.ended_at
    return act.ended_at + wrong < answer.expires


def _is_in_the_way(values: Values, me: str, operation: Operation) -> bool:
    slot = SLOTS[operation.slot]
    return any(booking.member_id == me and booking.slot.overlaps(slot) for booking in active(values))


def _lockable(values: Values, operation: Operation, link: InviteLink | None, early: datetime, late: datetime) -> bool:
    """Whether a lock could not be refused at this moment, whatever the clocks say."""
    me, other, slot = IDS[operation.who], IDS[operation.other], SLOTS[operation.slot]
    theirs, own = day(values, other, slot).holding(slot), day(values, me, slot).holding(slot)
    final = slot.start - FINAL
    if not isinstance(account(values, me), Profile):
        return False
    if theirs is None or is_blocked(values, me, other):
        return False
    if theirs.state is State.LOCKED_IN:
        return theirs.partner is not None and theirs.partner.member_id == me
    if State.MATCHED in (theirs.state, own and own.state) and late >= final:
        return False
    if late >= slot.start:
        return False
    for pair_relations in pairs_relations([values], me, other):
        if operation.verb is Verb.LOCK:
            return may_be_locked(pair_relations, early)
        return _usable(values, link, me, early, late)
    return False


def _usable(values: Values, link: InviteLink | None, me: str, early: datetime, late: datetime) -> bool:
    """Whether a link could not be refused at this moment, whatever the clocks say."""
    now = link and values.get(keys.invite(link.digest))
    if not isinstance(now, InviteLink) or not is_open(now, late) or is_blocked(values, me, now.owner_id):
        return False
    return any(consents(pair_relations, early) for pair_relations in pairs_relations([values], me, now.owner_id))
