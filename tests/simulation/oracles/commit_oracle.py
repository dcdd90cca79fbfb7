"""The commit oracle, which checks the invariants and the permission for each change after every commit."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import product

from msgspec.structs import replace

from chalicelib.domain.audit.invariants import violations
from chalicelib.domain.decisions.write_set import Job, JobKind, RecordedResponse
from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.member import Profile, Tombstone, is_suspended
from chalicelib.domain.model.slot import Slot
from chalicelib.storage import keys
from chalicelib.storage.keys import Key
from infra.simulation.deployment import settings
from tests.simulation.engine.memoization import memoize_by_identity
from tests.simulation.engine.operation_run import Commit, OperationRun, OracleViolation
from tests.simulation.oracles.eligibility_oracle import (
    are_compatible,
    consents,
    is_blocked,
    is_open,
    may_be_locked,
    possible_relations,
)
from tests.simulation.oracles.member_items_oracle import check_created, check_erasure, check_member_item
from tests.simulation.oracles.table_history import (
    TableHistory,
    Value,
    Values,
    account,
    active,
    day,
    of_type,
    snapshot_of,
)
from tests.simulation.reporting.violation_text import describe_violation
from tests.simulation.scenarios.cast import IDS, NAME_OF
from tests.simulation.scenarios.operations import UseCase

NEVER = datetime.min.replace(tzinfo=UTC)
MOVE_CUTOFF, LOCK_CUTOFF = settings().move_cutoff, settings().lock_cutoff
ROOM_OPENS_BEFORE = timedelta(minutes=10)
SECOND_CHANCE_FROM, SECOND_CHANCE_UNTIL = timedelta(minutes=3), timedelta(minutes=10)
# One defect often violates several invariants.
MAX_REPORTED = 3
_BOOKING_USE_CASES = frozenset({UseCase.BOOK, UseCase.LOCK, UseCase.ACCEPT, UseCase.BATCH})
# Use cases that part a blocked pair: the block, those that finish its job, and a booking by its second look.
_PARTING_USE_CASES = frozenset({UseCase.BLOCK, UseCase.DELIVER, UseCase.JOBS}) | _BOOKING_USE_CASES
# Use cases that cancel the bookings of a suspended member, the last ones by their second look.
_SUSPENDING_USE_CASES = frozenset({UseCase.SUSPEND, UseCase.DELIVER, UseCase.JOBS}) | _BOOKING_USE_CASES
_PAIRING_USE_CASES = frozenset({UseCase.DELIVER, UseCase.FINALIZE, UseCase.SWEEP})
_MOVING_USE_CASES = frozenset({UseCase.DELIVER, UseCase.FINALIZE})


@dataclass
class CommitOracle:
    """The oracle of all commits of one run.

    Clocks differ from the run's by at most `clock_error`. The decision was made at an instant between `early` and
    `late`.
    """

    history: TableHistory
    clock_error: timedelta
    cancelled_pairs: set[tuple[str, str, Slot]] = field(default_factory=set)
    rooms: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.early = self.late = NEVER
        self.rooms |= _rooms(self.history.now)

    def copy_from(self, other: "CommitOracle") -> None:
        """Copy the state of another run's oracle."""
        self.early, self.late = other.early, other.late
        self.cancelled_pairs, self.rooms = other.cancelled_pairs.copy(), other.rooms.copy()

    def check(self, commit: Commit, operation_run: OperationRun | None) -> None:
        """Check a commit that is already in the history. Raises OracleViolation."""
        before, after = self.history.moments[commit.number - 1], self.history.now
        self.early, self.late = (
            (operation_run.at if operation_run else commit.at) - self.clock_error,
            commit.at + self.clock_error,
        )
        # A slot that has started by one clock may still be ahead by a slower clock.
        check_state(after, self.late)
        check_erasure(after)
        check_created(commit, self.history)
        for key, value in commit.changed.items():
            self._check_change(key, before.get(key), value, commit, operation_run)
            check_member_item(key, before.get(key), value, after, operation_run)
        for booking in _changed_pairs(before, commit):
            self._check_pair(booking, before, commit, operation_run)
        self._check_link_use(before, commit)

    def _check_change(
        self, key: Key, before: Value | None, after: Value | None, commit: Commit, operation_run: OperationRun | None
    ) -> None:
        match before, after:
            case (Day(), None):
                if not isinstance(account(self.history.now, before.member_id), Tombstone):
                    raise OracleViolation(f"a day was deleted: {_whose(key)}")
                deleted = replace(before, version=before.version + 1, bookings=())
                self._check_day(before, deleted, commit, operation_run)
            case (_, Day()):
                self._check_day(before if isinstance(before, Day) else Day(*after.key), after, commit, operation_run)
            case (RecordedResponse(), RecordedResponse()) if self.late < before.expires:
                raise OracleViolation(f"a recorded response was changed: {_whose(key)}")
            case (Profile(), None) | (Tombstone(), None):
                raise OracleViolation(f"the item of an account was deleted: {_whose(key)}")
            case (_, Tombstone(member_id=member)):
                # A cancellation is stored in the day of the partner who stays. An erased account loses its own days
                # only.
                self.cancelled_pairs = {entry for entry in self.cancelled_pairs if entry[1] != member}
            case (InviteLink(), InviteLink()) if after.uses != before.uses + 1:
                raise OracleViolation(f"the uses of a link change from {before.uses} to {after.uses}")

    def _check_day(self, before: Day, after: Day, commit: Commit, operation_run: OperationRun | None) -> None:
        if after.version != before.version + 1 and (before.version or after.version <= 0):
            raise OracleViolation(
                f"{_whose(keys.day(*after.key))} changes from version {before.version} to {after.version}"
            )
        held = {booking.booking_id: booking for booking in after.bookings}
        for booking in before.bookings:
            now = held.get(booking.booking_id)
            if booking.active:
                self._check_booking(booking, now, commit, operation_run)
            elif now and now.active:
                raise OracleViolation(f"{describe(booking)} was cancelled and is active again")
        known = {booking.booking_id for booking in before.bookings}
        for booking in after.active:
            if booking.booking_id not in known:
                self._check_made(booking, operation_run)

    def _stands(self, member_id: str) -> bool:
        """Return True for an account, and for a deleted one until its job, which cancels bookings, is done (R33)."""
        jobs = of_type(self.history.now, Job)
        erased_later = any((job.kind, job.member_id) == (JobKind.DELETION, member_id) for job in jobs)
        return erased_later or isinstance(account(self.history.now, member_id), Profile)

    def _check_made(self, booking: Booking, operation_run: OperationRun | None) -> None:
        claimed = (
            operation_run
            and operation_run.operation.use_case in _BOOKING_USE_CASES
            and IDS[operation_run.operation.member] == booking.member_id
        )
        if not claimed:
            raise OracleViolation(f"{describe(booking)} was created without a request of its owner")
        if not self._stands(booking.member_id):
            raise OracleViolation(f"{describe(booking)} was created after its owner's account was deleted")
        if self.early >= booking.slot.start:
            raise OracleViolation(f"{describe(booking)} was created after its start")

    def _check_booking(
        self, before: Booking, after: Booking | None, commit: Commit, operation_run: OperationRun | None
    ) -> None:
        """Check that a booking stays unchanged except for its partner, until its owner cancels it (R12, R17, R18)."""
        erased = isinstance(account(self.history.now, before.member_id), Tombstone)
        own = bool(
            operation_run and operation_run.operation.member and IDS[operation_run.operation.member] == before.member_id
        )
        if after is None or not after.active:
            self._check_cancelled_booking(before, own, erased, operation_run)
            return
        if (after.slot, after.requested_at) != (before.slot, before.requested_at):
            raise OracleViolation(f"{describe(before)} becomes {describe(after)}")
        if (
            not own
            and not erased
            and (after.title, after.work_style, after.preference)
            != (before.title, before.work_style, before.preference)
        ):
            raise OracleViolation(f"{describe(before)} was edited by another member")
        self._check_joined(before, after, own, operation_run)
        if before.partner and (after.partner is None or after.partner.member_id != before.partner.member_id):
            self._check_lost_partner(before, after, commit, operation_run)

    def _check_joined(self, before: Booking, after: Booking, own: bool, operation_run: OperationRun | None) -> None:
        """Check that only its owner joins a session, once and in time, and seeks in it for good (R37, R38)."""
        use_case = operation_run.operation.use_case if own and operation_run else None
        start = before.slot.start
        kept = _kept_instant(before, after)
        if after.joined_at != kept:
            in_time = start - ROOM_OPENS_BEFORE <= self.late and self.early <= before.slot.end
            if kept or before.partner is None or use_case is not UseCase.JOIN or not in_time:
                raise OracleViolation(f"{describe(before)} is wrongly marked as joined")
        if after.seeks_again != before.seeks_again and (before.seeks_again or use_case is not UseCase.ASK):
            raise OracleViolation(f"{describe(before)} wrongly asks for another partner")
        if before.seeks_again and after.state not in (before.state, State.MATCHED):
            raise OracleViolation(f"{describe(before)} becomes {describe(after)} after a second chance")

    def _check_cancelled_booking(
        self, before: Booking, own: bool, erased: bool, operation_run: OperationRun | None
    ) -> None:
        cancels = operation_run and (
            operation_run.operation.use_case is UseCase.CANCEL or operation_run.operation.replaces
        )
        # The commit requires that the suspension still holds (R47).
        suspended = is_suspended(account(self.history.now, before.member_id)) and (
            operation_run is not None and operation_run.operation.use_case in _SUSPENDING_USE_CASES
        )
        if not (own and cancels) and not erased and not suspended:
            raise OracleViolation(f"{describe(before)} was cancelled without a request of its owner")
        if not erased and self.early >= before.slot.start:
            raise OracleViolation(f"{describe(before)} was cancelled after its start")
        if (
            own
            and operation_run
            and operation_run.operation.replaces
            and before.state is State.LOCKED_IN
            and not erased
        ):
            raise OracleViolation(f"{describe(before)} was replaced although it is locked in")
        if before.partner:
            self.cancelled_pairs.add((before.member_id, before.partner.member_id, before.slot))

    def _check_lost_partner(
        self, before: Booking, after: Booking, commit: Commit, operation_run: OperationRun | None
    ) -> None:
        """Check that a booking lost its partner for a reason, and waits or has another (R1, R12, R13, R18)."""
        assert before.partner
        partner = before.partner.member_id
        if operation_run and operation_run.operation.use_case is UseCase.ASK:
            self._check_given_up(before, after, IDS[operation_run.operation.member])
            return
        cancelled = self._partner_cancelled(before, commit)
        use_case = operation_run.operation.use_case if operation_run else None
        other = day(self.history.now, partner, before.slot).holding(before.slot)
        parted = is_blocked(self.history.now, before.member_id, partner) and use_case in _PARTING_USE_CASES
        if use_case in _BOOKING_USE_CASES:
            # After a second look both wait. A booking that displaces one of the two locks the other in.
            parted = parted and after.partner is None and other is not None and other.partner is None
        if parted and day(self.history.now, before.member_id, before.slot).was_cancelled_by(before.slot, partner):
            # The block is stored as a cancel of the blocker.
            self.cancelled_pairs.add((partner, before.member_id, before.slot))
        if before.state is State.LOCKED_IN:
            if not cancelled and not parted:
                raise OracleViolation(f"{describe(before)} was parted although neither member cancelled")
        elif not cancelled and not parted:
            overridden = bool(operation_run and operation_run.operation.locks)
            if not overridden and use_case not in _MOVING_USE_CASES:
                raise OracleViolation(f"{describe(before)} was parted by an operation that may not part it")
            cutoff = LOCK_CUTOFF if overridden else MOVE_CUTOFF
            if self.early >= before.slot.start - cutoff:
                raise OracleViolation(f"{describe(before)} lost its partner after the cut-off")
            if use_case in _MOVING_USE_CASES and (before.moved or not after.moved):
                raise OracleViolation(f"{describe(before)} was moved more than once")
        elif after.state is not State.WAITING:
            raise OracleViolation(f"{describe(before)} becomes {describe(after)} without waiting first")
        if after.queue_position and after.queue_position.displaced is not (not cancelled and not parted):
            raise OracleViolation(f"{describe(after)} has a wrong queue position")

    def _check_given_up(self, before: Booking, after: Booking, asking: str) -> None:
        """Check that a member who joined gave up a partner who did not, in time (R38)."""
        assert before.partner
        start = before.slot.start
        if self.late < start + SECOND_CHANCE_FROM or self.early >= start + SECOND_CHANCE_UNTIL:
            raise OracleViolation(f"{describe(before)} lost its partner outside of the time of second chances")
        if before.member_id != asking:
            if before.partner.member_id != asking or before.joined_at or after.state is not State.MISSED:
                raise OracleViolation(f"{describe(before)} was given up and becomes {describe(after)}")
            if after.cancelled_late:
                raise OracleViolation(f"{describe(after)} is late")
            self.cancelled_pairs.add((before.member_id, asking, before.slot))
            return
        other = day(self.history.now, before.partner.member_id, before.slot).holding(before.slot)
        # The session of a deleted account is erased (R33).
        is_erased = other is None and isinstance(account(self.history.now, before.partner.member_id), Tombstone)
        is_missed = is_erased or (other is not None and other.state is State.MISSED)
        if before.joined_at is None or before.partner.joined_at or not is_missed:
            raise OracleViolation(f"{describe(before)} gave up a partner who was there, or who did not miss it")
        if not after.seeks_again or after.state is not State.WAITING or after.changes != before.changes:
            raise OracleViolation(f"{describe(before)} asked for another partner and becomes {describe(after)}")

    def _partner_cancelled(self, left: Booking, commit: Commit) -> bool:
        """Return True if the partner's booking was cancelled or erased in this commit."""
        assert left.partner
        partner = left.partner.member_id
        before = day(self.history.moments[commit.number - 1], partner, left.slot).holding(left.slot)
        after = day(self.history.now, partner, left.slot)
        found = before and after.find(before.booking_id)
        return before is not None and (found is None or not found.active)

    def _check_pair(self, booking: Booking, before: Values, commit: Commit, operation_run: OperationRun | None) -> None:
        """Check that a pair of this commit is allowed (R6, R18, R20, R26, R34)."""
        assert booking.partner
        other, room = booking.partner.member_id, booking.partner.pair_id
        was = day(before, booking.member_id, booking.slot).find(booking.booking_id)
        if was and was.partner and was.partner.member_id == other:
            if was.partner.pair_id != room or was.state is State.LOCKED_IN:
                raise OracleViolation(f"{describe(was)} becomes {describe(booking)} in another room")
        elif room in self.rooms and booking.member_id < other:
            raise OracleViolation(f"{describe(booking)} has the room of another pair")
        self.rooms.add(room)
        if is_blocked(self.history.now, booking.member_id, other) and not self._is_parting(booking.member_id, other):
            raise OracleViolation(f"{describe(booking)} pairs two members although one blocks the other")
        if operation_run is None or not self._stands(other):
            raise OracleViolation(f"{describe(booking)} was made with a deleted account")
        seeks = booking.seeks_again and self._seeks(other, booking.slot)
        if self.early >= (booking.slot.start + SECOND_CHANCE_UNTIL if seeks else booking.slot.start):
            raise OracleViolation(f"{describe(booking)} was made after its start")
        moments = self.history.moments[operation_run.began :]
        if booking.state is State.LOCKED_IN:
            self._check_locked(booking, was, moments, commit, operation_run)
            return
        if {(booking.member_id, other, booking.slot), (other, booking.member_id, booking.slot)} & self.cancelled_pairs:
            raise OracleViolation(
                f"{describe(booking)} pairs two members although one cancelled on the other in this slot"
            )
        if not any(
            are_compatible(pair_relations, self.late)
            for pair_relations in possible_relations(moments, booking.member_id, other)
        ):
            raise OracleViolation(f"{describe(booking)} pairs two members who are not compatible")
        pairing = {UseCase.ASK} if seeks else _BOOKING_USE_CASES
        if operation_run.operation.use_case not in pairing | _PAIRING_USE_CASES:
            raise OracleViolation(f"{describe(booking)} was made by an operation that pairs no members")

    def _seeks(self, member_id: str, slot: Slot) -> bool:
        booking = day(self.history.now, member_id, slot).holding(slot)
        return booking is not None and booking.seeks_again

    def _is_parting(self, member_id: str, other: str) -> bool:
        """Return True if a young job parts the pairs of the two. The block is perhaps not answered yet."""
        jobs = (job for job in of_type(self.history.now, Job) if {job.member_id, job.other_id} == {member_id, other})
        early = self.early - self.clock_error
        # By a slow clock a job is of the future, and as young as it can be.
        return any(not job.is_settled(max(early, job.made_at or early)) for job in jobs)

    def _check_locked(
        self, booking: Booking, was: Booking | None, moments: list[Values], commit: Commit, operation_run: OperationRun
    ) -> None:
        assert booking.partner
        operation, other = operation_run.operation, booking.partner.member_id
        if was and was.state is State.LOCKED_IN:
            raise OracleViolation(f"{describe(was)} becomes {describe(booking)}")
        if was and was.state is State.MATCHED and self.early >= booking.slot.start - LOCK_CUTOFF:
            raise OracleViolation(f"{describe(was)} becomes {describe(booking)} after the cut-off")
        if IDS.get(operation.member) != booking.member_id:
            if IDS.get(operation.member) != other:
                raise OracleViolation(f"{describe(booking)} was made by a third member")
            return
        found = list(possible_relations(moments, booking.member_id, other))
        if (operation.use_case is UseCase.LOCK or operation.locks_in_batch) and IDS[operation.other] == other:
            allowed = any(may_be_locked(pair_relations, self.late) for pair_relations in found)
        elif operation.use_case is UseCase.ACCEPT and IDS[operation.other] == other:
            used = [link for link in commit.changed.values() if isinstance(link, InviteLink)]
            before = self.history.moments[commit.number - 1]
            links = [before.get(keys.invite(link.digest)) for link in used if link.owner_id == other]
            allowed = any(
                isinstance(link, InviteLink) and is_open(link, self.early) and consents(pair_relations, self.late)
                for pair_relations, link in product(found, links)
            )
        else:
            allowed = False
        if not allowed:
            raise OracleViolation(f"{describe(booking)} was locked without permission")

    def _check_link_use(self, before: Values, commit: Commit) -> None:
        """Check that a use of a link is counted only with a lock by its guest (R29)."""
        for key, value in commit.changed.items():
            earlier = before.get(key)
            if not isinstance(value, InviteLink) or not isinstance(earlier, InviteLink):
                continue
            locked = [held for held in _changed_pairs(before, commit) if held.state is State.LOCKED_IN]
            if value.owner_id not in {held.member_id for held in locked}:
                raise OracleViolation(f"a use of {_name(value.owner_id)}'s link was counted without a lock")


def _kept_instant(before: Booking, after: Booking) -> datetime | None:
    """Return the instant of joining after a write that is no join. A new pair clears it without a second chance."""
    is_new_pair = after.partner and (before.partner is None or before.partner.pair_id != after.partner.pair_id)
    return None if is_new_pair and not before.seeks_again else before.joined_at


@memoize_by_identity
def _rooms(values: Values) -> set[str]:
    return {booking.partner.pair_id for booking in active(values) if booking.partner}


def check_state(values: Values, at: datetime) -> None:
    """Check the invariants, which hold at every moment. Raises OracleViolation."""
    found = list(dict.fromkeys(map(describe_violation, violations(snapshot_of(values), at))))
    if found:
        more = f", and {len(found) - MAX_REPORTED} more" if len(found) > MAX_REPORTED else ""
        raise OracleViolation("; ".join(found[:MAX_REPORTED]) + more)


def _changed_pairs(before: Values, commit: Commit) -> Iterator[Booking]:
    """Yield the bookings that have a new partner or state since the commit."""
    for key, value in commit.changed.items():
        if isinstance(value, Day):
            earlier = before.get(key)
            known = {held.booking_id: held for held in earlier.bookings} if isinstance(earlier, Day) else {}
            for booking in value.active:
                was = known.get(booking.booking_id)
                if booking.partner and (was is None or _pair(was) != _pair(booking)):
                    yield booking


def _pair(booking: Booking) -> tuple[object, ...]:
    return booking.state, booking.partner and (booking.partner.member_id, booking.partner.pair_id)


def describe(booking: Booking) -> str:
    """Return a booking as text."""
    partner = f" with {_name(booking.partner.member_id)}" if booking.partner else ""
    return f"{_name(booking.member_id)}'s {booking.slot.start:%H:%M} ({booking.state}{partner})"


def _name(member_id: str) -> str:
    return NAME_OF.get(member_id, "unknown")


def _whose(key: Key) -> str:
    return _with_names(f"{key.pk} {key.sk}")


def _with_names(text: str) -> str:
    for member_id, name in NAME_OF.items():
        text = text.replace(member_id, name)
    return text
