"""One occurrence of a repeat, which is booked or skipped in one transaction with the progress of the repeat (R40).

The transaction requires that the repeat is unchanged since the read. So of two concurrent runs one fails its condition,
and a run that was killed is continued without a second booking.
"""

from contextlib import suppress

from msgspec.structs import replace

from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.decisions.occurrences import Occurrence, slot_of
from chalicelib.domain.decisions.write_set import Decision, DocumentChange, WriteSet
from chalicelib.domain.model.booking import PartnerPreference
from chalicelib.domain.model.errors import InvalidRequest, NotAvailable, RateLimited, TimeConflict, TooLate
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.repeat import Repeat
from chalicelib.services.bookings.book import book_session
from chalicelib.services.context import Context
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import repeat_reads

# The refusals for which an occurrence is skipped. After any other failure the next run tries it again.
SKIPPING = (InvalidRequest, RateLimited, TimeConflict, TooLate)


class RepeatChanged(Exception):
    """A repeat that was changed or ended since it was read, or whose occurrence another run has booked."""


def make_occurrence(context: Context, caller: Profile, repeat: Repeat, occurrence: Occurrence) -> Repeat:
    """Book an occurrence or record the reason to skip it, and return the repeat as stored.

    Raises RepeatChanged. Raises Busy if the attempts failed, and Unauthenticated if the account was deleted.
    """
    booked = repeat.handling(occurrence.on)
    try:
        _book(context, caller, _request_of(repeat, occurrence), _Progress(context, repeat, booked))
    except SKIPPING as refusal:
        booked = repeat.skipping(occurrence.on, occurrence.start, refusal.code)
        skipping = _Progress(context, repeat, booked)
        run_transaction(context, lambda attempt: Decision(None, WriteSet(documents=skipping(attempt))))
    return replace(booked, version=repeat.version + 1)


class _Progress:
    """The change of a repeat that is written with an occurrence."""

    def __init__(self, context: Context, before: Repeat, after: Repeat) -> None:
        self._context = context
        self._before = before
        self._after = after

    def __call__(self, attempt: Attempt) -> tuple[DocumentChange, ...]:
        """Return the change. Raises RepeatChanged if it cannot be committed any more."""
        before = self._before
        if attempt.number > 1:
            # The transaction of an earlier attempt may have failed because of this repeat, or committed.
            stored = repeat_reads.repeat(self._context.table, before.member_id, before.repeat_id)
            if stored != before:
                raise RepeatChanged
        return (DocumentChange(before, self._after),)


def _request_of(repeat: Repeat, occurrence: Occurrence) -> BookingRequest:
    return BookingRequest(
        slot_of(repeat, occurrence), title=repeat.title, lock_with=repeat.partner_id, repeat_id=repeat.repeat_id
    )


def _book(context: Context, caller: Profile, request: BookingRequest, progress: _Progress) -> None:
    """Lock the partner in where that is possible. Otherwise book with a preference for the partner."""
    if request.lock_with:
        with suppress(NotAvailable):
            book_session(context, caller, request, None, beside=progress)
            return
    named = PartnerPreference(named=request.lock_with)
    book_session(context, caller, replace(request, lock_with=None, preference=named), None, beside=progress)
