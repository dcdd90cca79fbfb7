"""The response oracle, which compares every response with the table history."""

import dataclasses
from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from chalicelib.domain.decisions.write_set import RecordedResponse
from chalicelib.domain.model.api_key import ApiKey
from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.errors import (
    Busy,
    IdempotencyKeyReused,
    InvalidRequest,
    InviteUnavailable,
    NotAvailable,
    NotFound,
    RateLimited,
    Suspended,
    TimeConflict,
    TooLate,
    Unauthenticated,
)
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.limits import VersionedLimit
from chalicelib.domain.model.member import Profile, Tombstone, is_suspended
from chalicelib.domain.model.slot import day_start
from chalicelib.services.bookings.book import Reply
from chalicelib.storage import keys
from chalicelib.storage.errors import TableRequestFailed
from tests.simulation.engine.operation_run import Commit, OperationRun, OracleViolation
from tests.simulation.oracles.commit_oracle import (
    LOCK_CUTOFF,
    ROOM_OPENS_BEFORE,
    SECOND_CHANCE_FROM,
    SECOND_CHANCE_UNTIL,
    describe,
)
from tests.simulation.oracles.eligibility_oracle import (
    consents,
    is_blocked,
    is_open,
    may_be_locked,
    possible_relations,
)
from tests.simulation.oracles.table_history import (
    TableHistory,
    Values,
    account,
    active,
    completed_by,
    day,
    key_of,
    link_of,
    of_type,
    relation,
)
from tests.simulation.scenarios.cast import CANCELLED_MATCHES, IDS, SLOTS
from tests.simulation.scenarios.operations import ActorOperation, UseCase, batch_items, digest

# Use cases with several transactions, and use cases without a caller.
_MULTI_TRANSACTION = frozenset({UseCase.BLOCK, UseCase.DELETE, UseCase.ASK, UseCase.SUSPEND, UseCase.LIFT})
_UNATTENDED = frozenset(
    {UseCase.DELIVER, UseCase.ANNOUNCE, UseCase.START, UseCase.FINALIZE, UseCase.SWEEP, UseCase.JOBS}
)
_SINGLE_BOOKING = frozenset({UseCase.BOOK, UseCase.LOCK, UseCase.ACCEPT})
AVAILABLE_AHEAD = timedelta(days=14)
AN_HOUR = timedelta(hours=1)


def check_response(operation_run: OperationRun, history: TableHistory, clock_error: timedelta) -> None:
    """Check the result of an operation against the moments of its run. Raises OracleViolation."""
    _check_commits(operation_run, history)
    use_case = operation_run.operation.use_case
    if operation_run.failed and not operation_run.invalid:
        raise OracleViolation(f"{operation_run.operation} fails: {operation_run.failed!r}")
    if operation_run.ended is None or operation_run.failed or use_case in _UNATTENDED:
        return
    moments = history.moments[operation_run.began : operation_run.ended + 1]
    for one in _single_requests(operation_run):
        if one.refusal is None:
            _check_success(one, moments, clock_error)
        elif not _may_be_refused(one, history, moments, clock_error):
            raise OracleViolation(f"{one.operation} was refused without a reason: {one.refusal!r}")


def _single_requests(operation_run: OperationRun) -> list[OperationRun]:
    """Return the single requests of an operation. A batch has one for each slot."""
    if operation_run.operation.use_case is not UseCase.BATCH or operation_run.refusal:
        return [operation_run]
    return [
        dataclasses.replace(
            operation_run, operation=item, result=result, refusal=result if isinstance(result, Exception) else None
        )
        for item, result in zip(batch_items(operation_run.operation), operation_run.result, strict=True)
    ]


def _check_commits(operation_run: OperationRun, history: TableHistory) -> None:
    """Check that a success has exactly one commit and a refusal none (R17, R29)."""
    # A failed attempt at a link is counted, and versioned limits are created. Neither is the requested change (R36).
    # A second look may part the booking (R1).
    done = sum(
        not all(isinstance(value, VersionedLimit) for value in commit.changed.values())
        and not _is_second_look(operation_run, commit, history)
        for commit in operation_run.commits
    )
    use_case = operation_run.operation.use_case
    if use_case in _UNATTENDED or operation_run.failed:
        return
    if use_case is UseCase.BATCH and not operation_run.refusal:
        if operation_run.ended is not None:
            _check_refused_items(operation_run, history)
        return
    if use_case is UseCase.VIEW and done:
        raise OracleViolation(f"{operation_run.operation} changes the table")
    if done > 1 and use_case not in _MULTI_TRANSACTION:
        raise OracleViolation(f"{operation_run.operation} has {done} commits")
    if operation_run.refusal and done and not _may_have_commit(operation_run.refusal, operation_run, history):
        raise OracleViolation(f"{operation_run.operation} has a commit and was refused: {operation_run.refusal!r}")
    answered = operation_run.ended is not None and operation_run.refusal is None
    if (
        answered
        and use_case in _SINGLE_BOOKING
        and operation_run.result.new
        and not done
        and "key" not in operation_run.operation.option
    ):
        raise OracleViolation(f"{operation_run.operation} has a success response and no commit")


def _check_refused_items(operation_run: OperationRun, history: TableHistory) -> None:
    """Check that no commit of a batch recorded a response to an item that was refused."""
    for one in _single_requests(operation_run):
        key = keys.recorded_response(IDS[one.operation.member], one.operation.option)
        refused = one.refusal and not _may_have_commit(one.refusal, operation_run, history)
        if refused and any(key in commit.changed for commit in operation_run.commits):
            raise OracleViolation(f"{one.operation} has a commit and was refused: {one.refusal!r}")


def _may_have_commit(refusal: Exception, operation_run: OperationRun, history: TableHistory) -> bool:
    """Return True if a refused request may have a commit.

    The outcome is unknown, or the owner of a booking deleted the account meanwhile and the booking is erased (R33), or
    was suspended and the booking is cancelled (R47).
    """
    if is_in_doubt(refusal):
        return True
    if not isinstance(refusal, Unauthenticated | Suspended) or not _books(operation_run) or operation_run.ended is None:
        return False
    owner, moments = IDS[operation_run.operation.member], history.moments[operation_run.began : operation_run.ended + 1]
    # A fault may leave it to the job.
    is_erased = operation_run.faults > 0 or not any(
        day.member_id == owner and _made_in(day, commit, history)
        for day in of_type(moments[-1], Day)
        for commit in operation_run.commits
    )
    return is_erased and any(
        isinstance(account(values, owner), Tombstone) or is_suspended(account(values, owner)) for values in moments
    )


def _made_in(day: Day, commit: Commit, history: TableHistory) -> bool:
    """Return True if an active booking of the day was made in that commit."""
    key = keys.day(*day.key)
    before, after = history.moments[commit.number - 1].get(key), commit.changed.get(key)
    known = {one.booking_id for one in before.bookings} if isinstance(before, Day) else set()
    made = {one.booking_id for one in after.active} if isinstance(after, Day) else set()
    return any(one.booking_id in made - known for one in day.active)


def _ends(before: Day, after: object) -> bool:
    """Return True if an active booking of a day is cancelled or erased."""
    remaining = {booking.booking_id for booking in after.active} if isinstance(after, Day) else set()
    return any(booking.booking_id not in remaining for booking in before.active)


def _books(operation_run: OperationRun) -> bool:
    return operation_run.operation.use_case in _SINGLE_BOOKING | {UseCase.BATCH}


def _is_second_look(operation_run: OperationRun, commit: Commit, history: TableHistory) -> bool:
    """Return True if a booking is ended with its owner's account, or parted from a member that its owner blocked."""
    if not _books(operation_run):
        return False
    me, before, after = IDS[operation_run.operation.member], history.moments[commit.number - 1], commit.changed
    days = [(before.get(key), value) for key, value in after.items() if isinstance(before.get(key), Day)]
    own = [(day, value) for day, value in days if isinstance(day, Day) and day.member_id == me]
    if own and (isinstance(account(before, me), Tombstone) or is_suspended(account(before, me))):
        # A lock of an earlier decision ends no booking of its owner, or makes one, and is no second look.
        # The erasure of a session past midnight also deletes the next day, which has no booking.
        return any(value is None or _ends(day, value) for day, value in own) and not any(
            isinstance(value, Day) and _made_in(value, commit, history) for _, value in own
        )
    return any(
        booking.partner and relation(before, me, booking.partner.member_id).blocked and current.state is State.WAITING
        for day, value in own
        for booking in day.active
        if isinstance(value, Day) and (current := value.find(booking.booking_id))
    )


def is_in_doubt(refusal: Exception) -> bool:
    """Return True if the refusal says that the outcome is unknown. Any other says that nothing changed."""
    return isinstance(refusal, Busy) and refusal.detail != Busy.default_detail


def _check_success(operation_run: OperationRun, moments: list[Values], clock_error: timedelta) -> None:
    """Check that a success response is true. Raises OracleViolation."""
    operation = operation_run.operation
    match operation.use_case:
        case UseCase.BOOK | UseCase.LOCK | UseCase.ACCEPT:
            _check_booked(operation_run, moments, clock_error)
        case UseCase.EDIT:
            _check_shown(operation, operation_run.result.booking, moments)
        case UseCase.JOIN | UseCase.ASK:
            _check_in_session(operation, operation_run.result, moments)
        case UseCase.CANCEL | UseCase.REVOKE | UseCase.REVOKE_KEY | UseCase.CALL:
            _expect(operation, _remains(operation_run, moments[-1]))
        case _:
            _expect(operation, any(_has_effect(operation_run, values) for values in moments))


def _check_in_session(operation: ActorOperation, booking: Booking, moments: list[Values]) -> None:
    """Check that the shown booking existed, joined, and seeking if it was asked for (R37, R38)."""
    _expect(operation, booking.joined_at is not None)
    _expect(operation, booking.seeks_again or operation.use_case is UseCase.JOIN)
    _check_shown(operation, booking, moments)


def _remains(operation_run: OperationRun, last: Values) -> bool:
    """Return True if the last moment still has an effect that no other use case can undo."""
    result = operation_run.result
    match operation_run.operation.use_case:
        case UseCase.CANCEL:
            return all(booking.booking_id != result for booking in active(last))
        case UseCase.REVOKE:
            return result is None or keys.invite(result) not in last
        case UseCase.REVOKE_KEY:
            return result is None or keys.api_key(result) not in last
    # The day of a key's last use is recorded unless a fault prevents the write.
    key = last.get(keys.api_key(result.digest))
    noted = not isinstance(key, ApiKey) or (key.last_used is not None and key.last_used >= operation_run.at.date())
    return noted or operation_run.faults > 0


def _has_effect(operation_run: OperationRun, values: Values) -> bool:
    """Return True if the requested change is in the table at this moment."""
    operation, result = operation_run.operation, operation_run.result
    me, other = IDS.get(operation.member, ""), IDS.get(operation.other, "")
    match operation.use_case:
        case UseCase.RETURN:
            return _revision(account(values, me)) == result.revision
        case UseCase.BLOCK:
            return relation(values, me, other).blocked
        case UseCase.UNBLOCK:
            return not relation(values, me, other).blocked
        case UseCase.FAVORITE:
            return relation(values, me, other).favorite
        case UseCase.UNFAVORITE:
            return not relation(values, me, other).favorite
        case UseCase.SNOOZE:
            return relation(values, me, other).snoozed_until is not None
        case UseCase.UNSNOOZE:
            return relation(values, me, other).snoozed_until is None
        case UseCase.SET:
            return _settings(account(values, me)) == _settings(result)
        case UseCase.DELETE:
            return isinstance(account(values, me), Tombstone)
        case UseCase.SUSPEND:
            found = account(values, other)
            return found is not None and found.suspension is not None and found.suspension.by == me
        case UseCase.LIFT:
            return not is_suspended(account(values, other))
        case UseCase.INVITE:
            return keys.invite(result.digest) in values
        case UseCase.MAKE_KEY:
            return keys.api_key(result.digest) in values
        case UseCase.COUNT:
            profile = account(values, other)
            if isinstance(profile, Tombstone):
                # A past partner sees no number of a deleted account (R33).
                own = (booking for booking in active(values) if booking.member_id == me)
                return result == 0 and any(one.partner and one.partner.member_id == other for one in own)
            # The clock of the use case may differ from the true one.
            dates = {(operation_run.at + error).date() for error in (-AN_HOUR, AN_HOUR)}
            return isinstance(profile, Profile) and any(
                completed_by(values, profile, day_start(on)) == result for on in dates
            )
    # A view has no effect.
    return True


def _moments_since_block(operation_run: OperationRun, moments: list[Values]) -> list[Values]:
    """Return the moments since the block was set.

    If another request sets the block again after its removal, that request must part the pair.
    """
    me, other = IDS[operation_run.operation.member], IDS[operation_run.operation.other]
    own = [
        commit.number - operation_run.began
        for commit in operation_run.commits
        if keys.about(me, other) in commit.changed
    ]
    blocked = (number for number, values in enumerate(moments) if relation(values, me, other).blocked)
    return moments[own[0] if own and own[0] < len(moments) else next(blocked) :]


def _expect(operation: ActorOperation, done: object) -> None:
    if not done:
        raise OracleViolation(f"{operation}: success response without effect")


def _revision(found: object) -> str | None:
    return found.revision if isinstance(found, Profile) else None


def _settings(found: object) -> object:
    return (found.availability, found.partner_gender) if isinstance(found, Profile) else None


def check_blocks(operation_runs: Sequence[OperationRun], history: TableHistory, clock_error: timedelta) -> None:
    """Check that the two have no common pair ahead after the response to a block (R1)."""
    for block in operation_runs:
        answered = block.ended is not None and block.refusal is None and block.failed is None
        if block.operation.use_case is UseCase.BLOCK and answered:
            _check_block(block, operation_runs, history, clock_error)


def _check_block(
    block: OperationRun, operation_runs: Sequence[OperationRun], history: TableHistory, clock_error: timedelta
) -> None:
    two = me, other = IDS[block.operation.member], IDS[block.operation.other]
    assert block.ended is not None
    assert block.ended_at
    moments = history.moments[block.began : block.ended + 1]
    if not all(relation(values, me, other).blocked for values in _moments_since_block(block, moments)):
        return
    for number, values in enumerate(history.moments[block.ended :], block.ended):
        if not relation(values, me, other).blocked:
            return
        for booking in active(values):
            pair = (booking.member_id, booking.partner and booking.partner.member_id)
            ahead = block.ended_at + clock_error < booking.slot.start
            if pair == two and ahead and not _is_unanswered(booking, number, operation_runs, history):
                raise OracleViolation(f"{block.operation}: success response, but {describe(booking)} remains")


def check_suspensions(operation_runs: Sequence[OperationRun], history: TableHistory, clock_error: timedelta) -> None:
    """Check that a member has no booking ahead after the response to a suspension (R47).

    A suspension whose requests met faults leaves its second step to the job.
    """
    for suspension in operation_runs:
        answered = suspension.ended is not None and suspension.refusal is None and suspension.failed is None
        if suspension.operation.use_case is UseCase.SUSPEND and answered and not suspension.faults:
            _check_suspension(suspension, operation_runs, history, clock_error)


def _check_suspension(
    suspension: OperationRun, operation_runs: Sequence[OperationRun], history: TableHistory, clock_error: timedelta
) -> None:
    other = IDS[suspension.operation.other]
    assert suspension.ended is not None
    assert suspension.ended_at
    moments = history.moments[suspension.began : suspension.ended + 1]
    since = next(number for number, values in enumerate(moments) if is_suspended(account(values, other)))
    if not all(is_suspended(account(values, other)) for values in moments[since:]):
        return
    for number, values in enumerate(history.moments[suspension.ended :], suspension.ended):
        if not isinstance(found := account(values, other), Profile) or not is_suspended(found):
            return
        for booking in active(values):
            ahead = suspension.ended_at + clock_error < booking.slot.start
            if booking.member_id == other and ahead and not _is_unanswered(booking, number, operation_runs, history):
                raise OracleViolation(f"{suspension.operation}: success response, but {describe(booking)} remains")


def _is_unanswered(
    booking: Booking, moment: int, operation_runs: Sequence[OperationRun], history: TableHistory
) -> bool:
    """Return True if a booking without a response yet made this pair in a new day of its owner.

    Its second look parts the pair. If it has none, or if its commit came after the response, the job does.
    """
    key = keys.day(booking.member_id, booking.slot.date)
    for one in operation_runs:
        for commit in one.commits:
            made = commit.changed.get(key)
            found = made.find(booking.booking_id) if isinstance(made, Day) else None
            if found and found.partner == booking.partner and key not in history.moments[commit.number - 1]:
                is_lost = one.ended is None or commit.number > one.ended
                return is_lost or moment < (one.ended or 0) or bool(one.refusal and is_in_doubt(one.refusal))
    return False


def _check_booked(operation_run: OperationRun, moments: list[Values], clock_error: timedelta) -> None:
    operation, reply = operation_run.operation, operation_run.result
    booking: Booking = reply.view.booking
    owner = account(moments[-1], booking.member_id)
    if (
        isinstance(owner, Tombstone)
        and owner.erased
        and booking.booking_id in {one.booking_id for one in active(moments[-1])}
    ):
        raise OracleViolation(f"{operation}: success response, but the account is erased")
    if booking.slot != SLOTS[operation.slot] or booking.member_id != IDS[operation.member]:
        raise OracleViolation(f"{operation}: responded with {describe(booking)}")
    if operation.use_case is not UseCase.BOOK:
        partner = booking.partner.member_id if booking.partner else None
        locked = booking.state is State.LOCKED_IN and partner == IDS[operation.other]
        # The retry after a lost response reads the current state of the booking.
        parted = relation(moments[-1], booking.member_id, IDS[operation.other]).blocked
        if not locked and not operation_run.faults and not parted:
            raise OracleViolation(f"{operation}: responded with {describe(booking)}")
    at_limit = all(_has_cancelled_too_many_matches(values, operation_run, clock_error) for values in moments)
    if reply.new and at_limit and operation_run.commits and not operation_run.faults:
        raise OracleViolation(f"{operation} was booked beyond the limit of cancelled matches")
    key = keys.recorded_response(booking.member_id, operation.option)
    recorded = any(key in commit.changed for commit in operation_run.commits)
    # A response that changed nothing is not recorded (R36). Its last read finds no recorded response either. An item of
    # a batch may have its last read before the batch ends.
    last = moments if operation.is_item else moments[-1:]
    unrecorded = not reply.new and not all(_has_recorded_response(one, operation_run, clock_error) for one in last)
    if "key" in operation.option and (recorded or not unrecorded):
        _check_stored(operation, reply, moments)
        if not recorded:
            # A recorded response was true at the time of the first response.
            return
    _check_shown(operation, booking, moments)


def _check_shown(operation: ActorOperation, booking: Booking, moments: list[Values]) -> None:
    """Check that the shown booking existed at one of the moments."""
    seen = (day(values, booking.member_id, booking.slot).find(booking.booking_id) for values in moments)
    if not any(one and _shown(one) == _shown(booking) for one in seen):
        raise OracleViolation(f"{operation}: responded with {describe(booking)}, which never existed")


def _check_stored(operation: ActorOperation, reply: Reply, moments: list[Values]) -> None:
    """Check that the response to an idempotency key equals the recorded response."""
    view, key = reply.view, keys.recorded_response(IDS[operation.member], operation.option)
    shown = _repeated(view.booking, view.seen_at), reply.new, view.is_favorite
    stored = [response for values in moments if isinstance(response := values.get(key), RecordedResponse)]
    # A deleted account is not shown as a favorite (R33).
    has_partner = view.partner is not None
    parted = any(
        one.booking.partner and relation(moments[-1], one.booking.member_id, one.booking.partner.member_id).blocked
        for one in stored
    )
    recorded = [(_repeated(one.booking, one.at), one.new, one.is_favorite and has_partner) for one in stored]
    if shown not in recorded and parted and not has_partner:
        # The second look of a repeated attempt responds with the current booking.
        _check_shown(operation, view.booking, moments)
    elif shown not in recorded:
        raise OracleViolation(
            f"{operation}: responded with {describe(view.booking)}, which is not the recorded response"
        )


def _repeated(booking: Booking, at: datetime) -> tuple[object, ...]:
    """Return the parts of a response that a repetition has too (R33).

    Its instant is in whole seconds, and it has no work style of a former member.
    """
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
        booking.joined_at,
        booking.seeks_again,
    )


def _may_be_refused(
    operation_run: OperationRun, history: TableHistory, moments: list[Values], clock_error: timedelta
) -> bool:
    """Return True if the refusal was right at some moment."""
    operation, refusal = operation_run.operation, operation_run.refusal
    # A deleted account is refused also with a recorded response.
    whole = moments
    moments = [values for values in moments if not _has_recorded_response(values, operation_run, clock_error)]
    link = link_of(history.moments[: operation_run.came + 1], IDS.get(operation.other, ""))
    me, other, slot = IDS[operation.member], IDS.get(operation.other, ""), SLOTS[operation.slot]
    assert operation_run.ended_at
    early, late = operation_run.at - clock_error, operation_run.ended_at + clock_error
    match refusal:
        case Unauthenticated() if operation.use_case is UseCase.CALL:
            key = key_of(history.moments[: operation_run.came + 1], me)
            return any(key is None or keys.api_key(key.digest) not in values for values in moments)
        case Suspended() if operation.use_case is UseCase.ACCEPT:
            return any(is_suspended(account(values, who)) for values in whole for who in (me, other))
        case Suspended():
            return any(is_suspended(account(values, me)) for values in whole)
        case InvalidRequest() if operation.use_case is UseCase.SUSPEND:
            return me == other
        case Unauthenticated():
            return any(not isinstance(account(values, me), Profile) for values in whole)
        case NotFound() if operation.use_case in (UseCase.SUSPEND, UseCase.LIFT):
            return any(account(values, other) is None for values in moments)
        case NotFound():
            is_deleted = any(not isinstance(account(values, other), Profile) for values in moments)
            return is_deleted or operation.use_case in (UseCase.CANCEL, UseCase.EDIT)
        case TooLate() | NotAvailable() if operation.use_case in (UseCase.JOIN, UseCase.ASK):
            return any(_is_refused_in_session(values, operation, refusal, early, late) for values in moments)
        case TooLate():
            return late >= slot.start or operation.use_case is UseCase.EDIT
        case TimeConflict():
            return any(_overlaps_booking(values, me, operation) for values in moments)
        case RateLimited():
            return any(_has_cancelled_too_many_matches(values, operation_run, clock_error) for values in moments)
        case IdempotencyKeyReused():
            responses = (response for values in moments for response in of_type(values, RecordedResponse))
            return any(
                response.booking.member_id == me and response.request_digest != digest(operation)
                for response in responses
            )
        case NotAvailable() if me == other:
            return True
        case NotAvailable():
            return any(not _lockable(values, operation, link, early, late) for values in moments)
        case InviteUnavailable():
            return any(not _usable(values, link, late) for values in moments)
        case Busy() | TableRequestFailed():
            return operation_run.faults > 0 or operation.use_case is UseCase.RETURN
    return False


def _is_refused_in_session(
    values: Values, operation: ActorOperation, refusal: Exception, early: datetime, late: datetime
) -> bool:
    """Return True if joining or asking for another partner is refused for this reason at this moment (R37, R38)."""
    slot = SLOTS[operation.slot]
    own = [held for held in day(values, IDS[operation.member], slot).bookings if held.slot == slot]
    current = next((held for held in own if held.active), None)
    if isinstance(refusal, TooLate):
        until = slot.end if operation.use_case is UseCase.JOIN else slot.start + SECOND_CHANCE_UNTIL
        return current is None or current.state is State.MISSED or late >= until
    if operation.use_case is UseCase.JOIN:
        return current is None or current.partner is None or early < slot.start - ROOM_OPENS_BEFORE
    if current is None or current.seeks_again or early < slot.start + SECOND_CHANCE_FROM:
        return current is None or not current.seeks_again
    return current.joined_at is None or bool(current.partner and current.partner.joined_at)


def _has_recorded_response(values: Values, operation_run: OperationRun, clock_error: timedelta) -> bool:
    """Return True if a response to exactly this request is recorded, which must be repeated."""
    operation = operation_run.operation
    response = (
        values.get(keys.recorded_response(IDS[operation.member], operation.option))
        if "key" in operation.option
        else None
    )
    if not isinstance(response, RecordedResponse) or response.request_digest != digest(operation):
        return False
    assert operation_run.ended_at
    return operation_run.ended_at + clock_error < response.expires


def _has_cancelled_too_many_matches(values: Values, operation_run: OperationRun, clock_error: timedelta) -> bool:
    """Return True if the booker is at the limit of random matches cancelled on the date of the request (R36)."""
    me = IDS[operation_run.operation.member]
    assert operation_run.ended_at
    dates = {(operation_run.at - clock_error).date(), (operation_run.ended_at + clock_error).date()}
    days = [one for one in of_type(values, Day) if one.member_id == me and one.cancelled_on in dates]
    return sum(one.cancelled_matches for one in days) >= CANCELLED_MATCHES


def _overlaps_booking(values: Values, me: str, operation: ActorOperation) -> bool:
    slot = SLOTS[operation.slot]
    return any(booking.member_id == me and booking.slot.overlaps(slot) for booking in active(values))


def _lockable(
    values: Values, operation: ActorOperation, link: InviteLink | None, early: datetime, late: datetime
) -> bool:
    """Return True if the lock must succeed at this moment, by the earliest and by the latest clock."""
    me, other, slot = IDS[operation.member], IDS[operation.other], SLOTS[operation.slot]
    theirs, own = day(values, other, slot).holding(slot), day(values, me, slot).holding(slot)
    cutoff = slot.start - LOCK_CUTOFF
    if not isinstance(account(values, me), Profile) or is_suspended(account(values, me)):
        return False
    if theirs is None or is_blocked(values, me, other):
        return False
    if theirs.state is State.LOCKED_IN:
        return theirs.partner is not None and theirs.partner.member_id == me
    if State.MATCHED in (theirs.state, own and own.state) and late >= cutoff:
        return False
    if late >= slot.start:
        return False
    for pair_relations in possible_relations([values], me, other):
        if operation.use_case is UseCase.LOCK:
            return may_be_locked(pair_relations, early)
        return _usable(values, link, late) and consents(pair_relations, early)
    return False


def _usable(values: Values, link: InviteLink | None, late: datetime) -> bool:
    """Return True if the link is open to every guest at this moment, by the latest clock (R28)."""
    now = link and values.get(keys.invite(link.digest))
    return isinstance(now, InviteLink) and is_open(now, late) and isinstance(account(values, now.owner_id), Profile)
