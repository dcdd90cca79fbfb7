"""One occurrence of a repeat, which is booked or skipped in one transaction with the progress of the repeat (R40).

The transaction requires that the repeat is unchanged since the read. So of two concurrent runs one fails its condition,
and a run that was killed is continued without a second booking.
"""

from contextlib import suppress
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.decisions.occurrences import RepeatOccurrence, slot_of
from chalicelib.domain.decisions.write_set import Decision, DocumentChange, WriteSet
from chalicelib.domain.model.booking import PartnerPreference
from chalicelib.domain.model.errors import InvalidRequest, NotAvailable, RateLimited, Refusal, TimeConflict, TooLate
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.repeat import Repeat
from chalicelib.services.bookings.book import book_beside
from chalicelib.services.context import Context
from chalicelib.services.members.attendance import least_attendance_missed
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import repeat_reads

# The refusals for which an occurrence is skipped, also at a limit that holds until its start. After any other failure
# a later run tries it again.
SKIPPING = (InvalidRequest, RateLimited, TimeConflict, TooLate)


class RepeatOwner(Struct, frozen=True):
    """The owner of a repeat, and the least score in percent that the owner is below, else 0 (R39).

    The score is read once for all occurrences of a run.
    """

    profile: Profile
    least_attendance: int


def owner_of(context: Context, profile: Profile) -> RepeatOwner:
    """Return a member as the owner of repeats."""
    return RepeatOwner(profile, least_attendance_missed(context, profile))


class RepeatChanged(Exception):
    """A repeat that was changed or ended since it was read, or whose occurrence another run has booked."""


class OccurrenceDelayed(Exception):
    """An occurrence that a limit of this date refuses. It can be booked from the instant `until` on.

    `repeat` is its repeat as stored.
    """

    def __init__(self, repeat: Repeat, until: datetime) -> None:
        self.repeat = repeat
        self.until = until
        super().__init__(f"delayed until {until}")


def make_occurrence(context: Context, owner: RepeatOwner, repeat: Repeat, occurrence: RepeatOccurrence) -> Repeat:
    """Book an occurrence or record the reason to skip it, and return the repeat as stored.

    Raises RepeatChanged, and OccurrenceDelayed at a limit that ends before the occurrence. Raises Busy if the attempts
    failed, and Unauthenticated if the account was deleted.
    """
    booked = repeat.handling(occurrence.on)
    try:
        _book(context, owner, _request_of(repeat, occurrence), _Progress(context, repeat, booked))
    except SKIPPING as refusal:
        until = _end_of_limit(context, refusal)
        if until and until < occurrence.start:
            raise OccurrenceDelayed(repeat, until) from refusal
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


def _end_of_limit(context: Context, refusal: Refusal) -> datetime | None:
    """Return the instant at which a limit of the current date ends, None for any other refusal."""
    use = refusal.use if isinstance(refusal, RateLimited) else None
    return context.clock() + use.resets_in if use and use.window and use.resets_in else None


def _request_of(repeat: Repeat, occurrence: RepeatOccurrence) -> BookingRequest:
    return BookingRequest(
        slot_of(repeat, occurrence), title=repeat.title, lock_with=repeat.partner_id, repeat_id=repeat.repeat_id
    )


def _book(context: Context, owner: RepeatOwner, request: BookingRequest, progress: _Progress) -> None:
    """Lock the partner in where that is possible. Otherwise book with a preference for the partner."""
    if request.lock_with:
        # The limits of locks do not refuse a booking without one, and the others refuse it again.
        with suppress(NotAvailable, RateLimited):
            book_beside(context, owner.profile, request, progress, None, owner.least_attendance)
            return
    named = PartnerPreference(named=request.lock_with)
    regular = replace(request, lock_with=None, preference=named)
    book_beside(context, owner.profile, regular, progress, None, owner.least_attendance)
