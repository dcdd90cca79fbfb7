"""The reads of long titles, which only their owners pay for (R36)."""

from collections.abc import Iterable, Iterator, Sequence

from chalicelib.domain.decisions.title_items import LongTitle
from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.title import long_title_digest
from chalicelib.storage import keys, queries
from chalicelib.storage.connection import Table
from chalicelib.storage.day_mappers import title_from
from chalicelib.storage.items import Item, TitleItem


def long_titles(table: Table, bookings: Sequence[Booking]) -> dict[str, str]:
    """Return the long titles of one member's bookings by booking.

    One eventually consistent query of the range of their dates, at half the price, finds all but the latest changes.
    A text with another digest than its booking has is read again.
    """
    digests = {booking.booking_id: booking.long_title for booking in bookings if booking.long_title}
    if not digests:
        return {}
    stored = {booking_id: keys.title(bookings[0].member_id, booking_id) for booking_id in digests}
    first, last = min(stored.values()), max(stored.values())
    read = queries.query(table, first.pk, Item.sk.between(first.sk, last.sk), consistent=False)
    found = {title.booking_id: title.text for title in _titles(read)}
    changed = (one for one, digest in digests.items() if long_title_digest(found.get(one, "")) != digest)
    latest = queries.batch(table, {stored[booking_id] for booking_id in changed}, consistent=True)
    return found | {title.booking_id: title.text for title in _titles(latest.values())}


def long_titled(table: Table, member_id: str) -> Iterator[str]:
    """Yield the member's bookings with long titles."""
    for title in _titles(queries.query(table, keys.member(member_id), Item.sk.startswith(keys.TITLE))):
        yield title.booking_id


def _titles(items: Iterable[Item]) -> Iterator[LongTitle]:
    return (title_from(item) for item in items if isinstance(item, TitleItem))
