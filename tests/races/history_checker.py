"""The check of every response against the history of the table.

A successful response is true, and its effect happened once. Every effect belongs to a successful or unknown response.
A refusal changed nothing. A change of another member's booking has a reason that the rules allow.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise

from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.errors import Unauthenticated
from chalicelib.domain.model.ids import token_digest
from chalicelib.domain.model.member import Tombstone
from chalicelib.domain.model.slot import Slot
from tests.contract.client import Client
from tests.races.clients import BOOKING_ACTIONS, LOCK_ACTIONS, Action, CallResult, ClientCall
from tests.races.stream_history import StreamHistory

BookingHistory = list[Booking | None]


def history_violations(history: StreamHistory, results: Iterable[CallResult]) -> Iterator[str]:
    """Yield every false response and every change without a reason."""
    yield from _HistoryChecker(history, list(results)).violations()


class _HistoryChecker:
    """The results of all calls, indexed by their subject, and the history of every booking."""

    def __init__(self, history: StreamHistory, results: list[CallResult]) -> None:
        self._history = history
        self._results = results
        self._bookings = history.bookings()
        self._members = {one.call.caller.user_id for one in results}
        self._leavers = {
            one.call.caller.user_id
            for one in results
            if one.call.action is Action.LEAVE and (one.succeeded or one.is_unknown)
        }
        resolved = {(one.call.caller, one.call.key) for one in results if one.call.key and one.succeeded}
        # A retry with the same idempotency key that succeeded resolves an unknown outcome.
        self._unknown = [
            one.call for one in results if self._is_unknown(one) and (one.call.caller, one.call.key) not in resolved
        ]
        self._possible: defaultdict[str, list[ClientCall]] = defaultdict(list)
        for call in [one.call for one in results if one.succeeded] + self._unknown:
            self._possible[call.caller.user_id].append(call)
        self._bookings_of: defaultdict[str, list[BookingHistory]] = defaultdict(list)
        for versions in self._bookings.values():
            self._bookings_of[_first(versions).member_id].append(versions)

    def violations(self) -> Iterator[str]:
        yield from self._check_versions()
        for one in self._results:
            yield from self._check_response(one)
        yield from self._check_created_once()
        yield from self._check_bookings_reported()
        yield from self._check_pairs_reported()
        for versions in self._bookings.values():
            for before, after in pairwise(versions):
                if before and before.active:
                    yield from self._check_step(before, after)
        yield from self._check_link_uses()

    def _is_unknown(self, one: CallResult) -> bool:
        # A request that commits just before its caller's account is deleted is refused as of no account (R33).
        is_of_no_account = one.code == Unauthenticated.code and one.call.caller.user_id in self._leavers
        return one.is_unknown or is_of_no_account

    def _check_versions(self) -> Iterator[str]:
        """Check that the versions of each day rise by one, and that only a deleted account loses sessions (R3, R33)."""
        for versions in self._history.days():
            numbers = [day.version if day else None for day in versions]
            for before, after in pairwise(versions):
                if before and not self._follows(before, after):
                    yield f"the versions of {before.key} are {numbers}"

    def _follows(self, before: Day, after: Day | None) -> bool:
        """Return True if the version rises by one, or if a day is deleted that is empty or of a deleted account."""
        if after:
            return after.version == before.version + 1
        return before.member_id in self._leavers or not any(before.active)

    def _check_response(self, one: CallResult) -> Iterator[str]:
        """Check that a successful response was true at some time.

        It must still be true if no later call can have changed it.
        """
        call = one.call
        if not one.succeeded:
            return
        if call.action in BOOKING_ACTIONS:
            yield from self._check_booked(one)
        elif call.action is Action.CANCEL:
            if (last := self._bookings[call.session_id][-1]) and last.active:
                yield f"{_call_text(call)} succeeded, but {_booking_text(last)} is active"
        elif call.action is Action.BLOCK:
            yield from self._check_parted(call)
        elif call.action is Action.FAVORITE and not self._history.ever_favorite(call.caller.user_id, call.other_id):
            yield f"{_call_text(call)} succeeded, but was never stored"
        elif call.action is Action.LEAVE and not isinstance(self._history.account(call.caller.user_id), Tombstone):
            yield f"{_call_text(call)} succeeded, but the account exists"

    def _check_booked(self, one: CallResult) -> Iterator[str]:
        call = one.call
        versions = [booking for booking in self._bookings.get(one.session["sessionId"], ()) if booking]
        if one.view not in [_view(booking) for booking in versions]:
            yield f"{_call_text(call)} returned {one.view}, which never existed"
        if any((booking.member_id, booking.slot) != (call.caller.user_id, call.slot) for booking in versions):
            yield f"{_call_text(call)} returned another booking: {_booking_text(versions[0])}"
        if call.action in LOCK_ACTIONS and not any(_is_locked_in(booking, call.other_id) for booking in versions):
            yield f"{_call_text(call)} returned {one.view}, but was never locked in"

    def _check_parted(self, call: ClientCall) -> Iterator[str]:
        """Check that a member and a blocked member have no pair ahead, unless the block was removed (R1)."""
        removed = any(
            one.call.action is Action.UNBLOCK and (one.call.caller, one.call.other_id) == (call.caller, call.other_id)
            for one in self._results
        )
        for last in (versions[-1] for versions in self._bookings_of[call.caller.user_id] if not removed):
            if last and last.partner and last.partner.member_id == call.other_id:
                yield f"{_call_text(call)} succeeded, but {_booking_text(last)} is paired"

    def _check_created_once(self) -> Iterator[str]:
        """Check that no two requests report the same creation, except requests with the same idempotency key."""
        creators: defaultdict[tuple[Client, str | None], set[tuple[object, ...]]] = defaultdict(set)
        for number, one in enumerate(self._results):
            if one.is_created:
                created = one.view[2] if one.call.action in LOCK_ACTIONS else one.session["sessionId"]
                creators[one.call.caller, created].add((one.call.key,) if one.call.key else ("", number))
        for (caller, created), requests in creators.items():
            if len(requests) > 1:
                yield f"{len(requests)} requests of {caller.user_id} report that they created {created}"

    def _check_bookings_reported(self) -> Iterator[str]:
        """Check that each booking was reported to its owner, except one for each unknown booking request."""
        reported = {
            one.session["sessionId"] for one in self._results if one.call.action in BOOKING_ACTIONS and one.succeeded
        }
        unknown = Counter((call.caller.user_id, call.slot) for call in self._unknown if call.action in BOOKING_ACTIONS)
        for booking_id, versions in self._bookings.items():
            first = _first(versions)
            if first.member_id not in self._members or booking_id in reported:
                continue
            unknown[first.member_id, first.slot] -= 1
            if unknown[first.member_id, first.slot] < 0:
                yield f"{_booking_text(first)} was created, but never reported"

    def _check_pairs_reported(self) -> Iterator[str]:
        """Check that each locked-in pair was reported to one of its members (R14)."""
        reported = {one.view[2] for one in self._results if one.call.action in LOCK_ACTIONS and one.succeeded}
        unknown = {
            (call.caller.user_id, call.other_id, call.slot) for call in self._unknown if call.action in LOCK_ACTIONS
        }
        for booking in self._all_bookings():
            if booking.state is not State.LOCKED_IN or booking.member_id not in self._members:
                continue
            assert booking.partner
            two = booking.member_id, booking.partner.member_id
            possible = {(*two, booking.slot), (*two[::-1], booking.slot)} & unknown
            if booking.partner.pair_id not in reported and not possible:
                yield f"{_booking_text(booking)} was created, but reported to neither member"

    def _check_step(self, before: Booking, after: Booking | None) -> Iterator[str]:
        """Check that only the owner cancels a booking, and that it loses its partner only for an allowed reason."""
        if before.member_id not in self._members:
            return
        if after is None or not after.active:
            if not self._may_be_cancelled(before):
                yield f"{_booking_text(before)} was cancelled without a request of its owner"
            return
        if (after.slot, after.requested_at) != (before.slot, before.requested_at):
            yield f"{_booking_text(before)} became {_booking_text(after)}"
        if before.partner and (after.partner is None or after.partner.member_id != before.partner.member_id):
            yield from self._check_lost_partner(before, after)
        elif before.state is State.LOCKED_IN and _view(after) != _view(before):
            yield f"{_booking_text(before)} became {_booking_text(after)}"

    def _may_be_cancelled(self, booking: Booking) -> bool:
        """Return whether the owner cancelled or replaced the booking or deleted the account (R16, R17, R33)."""
        if booking.member_id in self._leavers:
            return True
        own = self._possible[booking.member_id]
        replaced = booking.state is not State.LOCKED_IN and any(
            call.replace and call.slot and call.slot.overlaps(booking.slot) for call in own
        )
        return replaced or any(call.action is Action.CANCEL and call.session_id == booking.booking_id for call in own)

    def _check_lost_partner(self, before: Booking, after: Booking) -> Iterator[str]:
        """Check that a pair ends by a cancellation or a block, or a random pair by a lock (R1, R12, R18)."""
        assert before.partner
        other = before.partner.member_id
        if self._history.ever_blocked(before.member_id, other):
            return
        partner_bookings = self._partner_bookings_after(before)
        cancelled = any(booking is None or not booking.active for booking in partner_bookings)
        displaced = any(booking and booking.state is State.LOCKED_IN for booking in (after, *partner_bookings))
        if not cancelled and (before.state is State.LOCKED_IN or not displaced):
            yield f"{_booking_text(before)} became {_booking_text(after)} without a request of either member"

    def _partner_bookings_after(self, before: Booking) -> list[Booking | None]:
        """Return the versions of the partner's booking that directly follow the pair."""
        assert before.partner
        pair = before.partner.pair_id
        found: list[Booking | None] = []
        for versions in self._bookings_of[before.partner.member_id]:
            found += [
                after
                for booking, after in pairwise(versions)
                if booking and booking.partner and booking.partner.pair_id == pair
            ]
        return found

    def _check_link_uses(self) -> Iterator[str]:
        """Check that the uses of each link equal the reported ones and do not exceed its limit (R29)."""
        created = Counter(token_digest(one.call.link) for one in self._results if one.is_created and one.call.link)
        unknown = Counter(token_digest(call.link) for call in self._unknown if call.link)
        for versions in self._history.links():
            if versions[0].owner_id not in self._members:
                continue
            uses = [link.uses for link in versions]
            digest, limit = versions[0].digest, versions[0].max_uses
            if uses != list(range(len(uses))) or (limit is not None and uses[-1] > limit):
                yield f"the uses of {versions[0].link_id}, with limit {limit}, are {uses}"
            if not created[digest] <= uses[-1] <= created[digest] + unknown[digest]:
                yield f"{versions[0].link_id} has {uses[-1]} uses, but {created[digest]} were reported"

    def _all_bookings(self) -> Iterator[Booking]:
        return (booking for versions in self._bookings.values() for booking in versions if booking)


def _first(versions: BookingHistory) -> Booking:
    assert versions[0]
    return versions[0]


def _view(booking: Booking) -> tuple[str, str | None, str | None]:
    partner = booking.partner
    return booking.state.value, partner and partner.member_id, partner and partner.pair_id


def _is_locked_in(booking: Booking, other: str) -> bool:
    return booking.state is State.LOCKED_IN and booking.partner is not None and booking.partner.member_id == other


def _call_text(call: ClientCall) -> str:
    """Return a text of a call that holds ids only, and not the secret token of a link."""
    return f"{call.action} by {call.caller.user_id} of {call.other_id or call.session_id} at {_slot_text(call.slot)}"


def _booking_text(booking: Booking) -> str:
    return f"{booking.booking_id} at {_slot_text(booking.slot)} {_view(booking)}"


def _slot_text(slot: Slot | None) -> str:
    return f"{slot.start:%Y-%m-%dT%H:%MZ}/{slot.minutes}" if slot else "no slot"
