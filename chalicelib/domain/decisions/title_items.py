"""The items of long titles, which follow from the days.

Each booking with a long title has one item with the text. So the changes of days determine the items to put and to
delete.
"""

from collections.abc import Iterable

from msgspec import Struct

from chalicelib.domain.decisions.day_editor import DayChange
from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.day import Day


class LongTitle(Struct, frozen=True):
    """The text of a title that is too long for the day of its booking (R36)."""

    member_id: str
    booking_id: str
    text: str


class TitleChanges(Struct, frozen=True):
    """The long titles to put, and the owners and bookings of those to delete."""

    put: tuple[LongTitle, ...]
    delete: tuple[tuple[str, str], ...]


def title_changes(changes: Iterable[DayChange]) -> TitleChanges:
    """Return the changes of title items that the changes of days require.

    The item is deleted with its title, and with a booking that its day drops.
    """
    before: dict[tuple[str, str], Booking] = {}
    after: dict[tuple[str, str], Booking] = {}
    for change in changes:
        before |= _long_titled(change.before)
        after |= _long_titled(change.after)
    put = (
        LongTitle(*key, booking.title)
        for key, booking in after.items()
        if booking.title and (key not in before or before[key].long_title != booking.long_title)
    )
    return TitleChanges(tuple(put), tuple(before.keys() - after.keys()))


def _long_titled(day: Day) -> dict[tuple[str, str], Booking]:
    return {(booking.member_id, booking.booking_id): booking for booking in day.bookings if booking.long_title}
