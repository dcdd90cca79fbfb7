"""Book several slots of one member together, each as a single booking would be.

A round gathers the facts of all pending requests, decides them in order and commits them in few transactions. A request
that conflicts, or that depends on another request of the batch, is part of the next round with new reads.
"""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.decisions.batch_plan import BatchPlan, Grouping, PlannedTransaction, is_judged_alike
from chalicelib.domain.decisions.booking_facts import BookingFacts, Terms
from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.decisions.commit_metrics import commit_metrics_of
from chalicelib.domain.decisions.day_editor import StaleRead
from chalicelib.domain.decisions.write_set import RecordedRefusal, WriteSet
from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.errors import OUTCOME_UNKNOWN_DETAIL, Busy, RateLimited, Refusal
from chalicelib.domain.model.limits import check_recorded_responses
from chalicelib.domain.model.member import Profile
from chalicelib.metrics import current_metrics
from chalicelib.services.bookings.batch_facts import BatchFacts, Waits, WantedFacts, depends, gather_batch
from chalicelib.services.bookings.book import (
    RACES_FOR_A_PARTNER,
    KeyedRequest,
    Reply,
    book_session,
    decide,
    is_confirmed_again,
    note_limit_uses,
    recorded_reply,
    replayed,
    terms_of,
)
from chalicelib.services.bookings.day_confirmation import confirm_new_days
from chalicelib.services.bookings.facts import is_replayed
from chalicelib.services.bookings.sessions import with_titles
from chalicelib.services.context import Context
from chalicelib.services.members.attendance import least_attendance_missed
from chalicelib.services.overload import refused_as_busy
from chalicelib.services.transaction import ATTEMPTS, UNKNOWN_OUTCOME_ATTEMPTS, backoff
from chalicelib.storage.errors import Conflict, OutcomeUnknown, TableRequestFailed
from chalicelib.storage.transactions import commit


class BatchedRequest(Struct, frozen=True):
    """A booking request of a batch, with its own idempotency key if there is one."""

    request: BookingRequest
    keyed: KeyedRequest | None = None


class PendingBooking(Struct):
    """A request of a batch and the course of its attempts.

    `booking_token` is the random part of a new booking's id. `operation` is the id of the transaction of the request
    whose outcome is unknown, at first of none. `lost_races` counts the partners that were lost to other members.
    `looks_again` asks for the second look of a new day. It stays set in later attempts, since an earlier one may have
    committed and lost its response.
    """

    batched: BatchedRequest
    booking_token: str
    operation: str
    failures: int = 0
    unknown_outcomes: int = 0
    lost_races: int = 0
    looks_again: bool = False
    result: Reply | Refusal | None = None

    @property
    def request(self) -> BookingRequest:
        """The booking request."""
        return self.batched.request

    def fail(self, failure: Exception) -> None:
        """Count a failed attempt. After the last one the result is Busy, as for a single booking."""
        self.failures += 1
        self.unknown_outcomes += isinstance(failure, OutcomeUnknown)
        if self.failures == ATTEMPTS or self.unknown_outcomes == UNKNOWN_OUTCOME_ATTEMPTS:
            self.result = Busy(OUTCOME_UNKNOWN_DETAIL if self.unknown_outcomes else None)

    def refuse(self, refusal: Refusal) -> None:
        """Refuse the request, as Busy if an attempt with an unknown outcome may have booked it."""
        self.result = Busy(OUTCOME_UNKNOWN_DETAIL) if self.unknown_outcomes else refusal


class Decided(Struct, frozen=True):
    """The reply to a request, before its transaction is committed.

    `chosen` says that the booking is with a random partner.
    """

    reply: Reply
    chosen: bool


def book_sessions(context: Context, caller: Profile, requests: Sequence[BatchedRequest]) -> list[Reply | Refusal]:
    """Book every slot and return the reply or the refusal of each request in order.

    The requests are decided in this order, and each result is that of `book_session` in the same place.
    """
    if len(requests) == 1:
        return [_alone(context, caller, requests[0])]
    least_attendance = least_attendance_missed(context, caller)
    bookings = [PendingBooking(one, context.token(16), context.token(8)) for one in requests]
    grouping, failure = Grouping.WHOLE, None
    while pending := [booking for booking in bookings if booking.result is None]:
        current_metrics().count_attempt(1 + (failure is not None))
        if failure:
            number = max(1, *(booking.failures for booking in pending))
            context.pause(backoff(context, failure, number))
        batch_round = BatchRound(context, caller, pending, grouping, least_attendance)
        batch_round.run()
        grouping, failure = batch_round.next_grouping, batch_round.failure
    return [booking.result for booking in bookings if booking.result is not None]


def _alone(context: Context, caller: Profile, batched: BatchedRequest) -> Reply | Refusal:
    try:
        with refused_as_busy():
            return book_session(context, caller, batched.request, batched.keyed)
    except Refusal as refusal:
        return refusal


class BatchRound:
    """One attempt to book all pending requests of a batch.

    `least_attendance` is the least score in percent that the booker is below, else 0 (R39).
    """

    def __init__(
        self,
        context: Context,
        caller: Profile,
        pending: Sequence[PendingBooking],
        grouping: Grouping,
        least_attendance: int,
    ) -> None:
        self.next_grouping = grouping
        self.failure: Exception | None = None
        self._context = context
        self._caller = caller
        self._pending = pending
        self._now = context.clock()
        self._terms = [
            terms_of(context, self._now, one.operation, one.booking_token, least_attendance) for one in pending
        ]
        self._decided: dict[int, Decided] = {}
        self._waiting: list[BookingRequest] = []
        self._looking: dict[int, Reply] = {}

    def run(self) -> None:
        """Gather, decide and commit. Requests without a result are part of the next round."""
        wanted = [
            WantedFacts(
                one.request,
                one.batched.keyed.key if one.batched.keyed else None,
                terms,
                contended=one.lost_races >= RACES_FOR_A_PARTNER,
            )
            for one, terms in zip(self._pending, self._terms, strict=True)
        ]
        try:
            found = gather_batch(self._context, self._caller, wanted, self._now)
        except Busy as busy:
            for booking in self._pending:
                booking.refuse(busy)
            return
        except TableRequestFailed as failure:
            self._fail(self._pending, failure)
            return
        plan = BatchPlan(self.next_grouping, found.batches, lambda: self._context.token(8))
        for place, facts in enumerate(found.facts):
            self._decide(place, facts, found, plan)
        self._commit(plan)

    def _decide(self, place: int, facts: BookingFacts | StaleRead | Waits, found: BatchFacts, plan: BatchPlan) -> None:
        """Decide one request on the days as the plan leaves them, or let it wait for the next round."""
        booking = self._pending[place]
        try:
            if isinstance(facts, StaleRead):
                raise facts
            if isinstance(facts, Waits) or not self._add(place, facts, found.titled, plan):
                self._waiting.append(booking.request)
        except (StaleRead, TableRequestFailed) as failure:
            self._waiting.append(booking.request)
            self._fail([booking], failure)
        except Refusal as refusal:
            booking.refuse(refusal)

    def _add(self, place: int, facts: BookingFacts, titled: Sequence[Booking], plan: BatchPlan) -> bool:
        """Decide a request and add its write set to the plan. Return False if it depends on a pending request.

        Raises the refusal of the request, or StaleRead.
        """
        booking, terms, keyed = self._pending[place], self._terms[place], self._pending[place].batched.keyed
        if depends(booking.request, self._waiting, limited=facts.booker.limit is not None):
            return False
        recorded = facts.booker.recorded
        if keyed and recorded and is_replayed(facts, terms):
            reply = replayed(self._context, facts, recorded, keyed)
            booking.looks_again |= is_confirmed_again(recorded, self._now)
            self._finish(place, Decided(reply, chosen=False))
            return True
        if keyed:
            check_recorded_responses(terms.limits.responses, facts.booker.days, self._now)
        evolved = plan.evolved(facts)
        if not is_judged_alike(facts, evolved, terms) or (keyed and not self._may_record(evolved, terms)):
            return False
        decision = decide(self._context, evolved, terms)
        assert not isinstance(decision, RecordedRefusal)  # noqa: S101 - only invite links have recorded refusals
        shown = self._with_title(decision.answer.booking, titled)
        recording = recorded_reply(self._context, decision, shown, keyed, terms)
        note_limit_uses(evolved, recording.changes, terms)
        decided = Decided(recording.answer, chosen=facts.waiting_members is not None and shown.partner is not None)
        booking.looks_again |= self._creates_day(facts, recording.changes)
        if recording.changes == WriteSet():
            self._finish(place, decided)
        else:
            self._decided[place] = decided
            plan.add(place, booking.request.slot.date, recording.changes)
        return True

    def _may_record(self, evolved: BookingFacts, terms: Terms) -> bool:
        """Return whether the recorded responses of the plan leave room for another one (R36)."""
        try:
            check_recorded_responses(terms.limits.responses, evolved.booker.days, self._now)
        except RateLimited:
            return False
        return True

    def _with_title(self, booking: Booking, titled: Sequence[Booking]) -> Booking:
        """Return the booking with a long title that its day does not hold."""
        if booking.title is not None or booking.long_title is None:
            return booking
        texts = {one.booking_id: one.title for one in titled}
        if booking.booking_id in texts:
            return replace(booking, title=texts[booking.booking_id])
        return with_titles(self._context, [booking])[0]

    def _creates_day(self, facts: BookingFacts, changes: WriteSet) -> bool:
        """Return whether a day of the booker, as read, did not exist before."""
        own = (change.after.key for change in changes.days if change.after.member_id == self._caller.member_id)
        return any(facts.booker.days[key].version == 0 for key in own)

    def _commit(self, plan: BatchPlan) -> None:
        """Commit the transactions in order up to the first that fails, then look again at the new days (R1, R33)."""
        for transaction in plan.transactions:
            changes = transaction.changes
            try:
                commit(self._context.table, changes, token=self._context.token(26), now=self._now)
            except TableRequestFailed as failure:
                self._lose(transaction, failure)
                break
            current_metrics().commit_metrics.append(commit_metrics_of(changes.days, self._now))
            for place in transaction.places:
                self._finish(place, self._decided[place])
        looking = self._looking
        views = [reply.view for reply in looking.values()]
        for (place, reply), view in zip(looking.items(), confirm_new_days(self._context, views), strict=True):
            self._pending[place].result = view if isinstance(view, Refusal) else replace(reply, view=view)

    def _finish(self, place: int, decided: Decided) -> None:
        self._pending[place].result = decided.reply
        if self._pending[place].looks_again:
            self._looking[place] = decided.reply

    def _lose(self, transaction: PlannedTransaction, failure: TableRequestFailed) -> None:
        """Count the failed attempt, or let the next plan have smaller transactions.

        The conflict of a transaction with several bookings is that of one of them, so it counts for none.
        """
        bookings = [self._pending[place] for place in transaction.places]
        if isinstance(failure, OutcomeUnknown):
            for booking in bookings:
                booking.operation = transaction.operation
        elif len(bookings) > 1:
            self.next_grouping = self.next_grouping.smaller
            bookings = []
        for place in transaction.places if bookings else ():
            self._pending[place].lost_races += self._decided[place].chosen
        self._fail(bookings, failure)

    def _fail(self, bookings: Sequence[PendingBooking], failure: Exception) -> None:
        """Count a failed attempt of these requests."""
        self.failure = failure
        if isinstance(failure, Conflict | StaleRead):
            current_metrics().count_conflict()
        for booking in bookings:
            booking.fail(failure)
