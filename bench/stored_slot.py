"""The stored items of a slot with waiting members and random pairs, made without use cases."""

from collections.abc import Iterator

from chalicelib.domain.decisions.queue_rows import row_of
from chalicelib.domain.model.booking import Booking, BookingChange, ChangeKind, QueuePosition, State
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.ids import session_id
from chalicelib.domain.model.member import Profile, Relation
from chalicelib.domain.model.slot import Slot
from chalicelib.storage import keys
from chalicelib.storage.day_mappers import day_item
from chalicelib.storage.items import Item
from chalicelib.storage.mappers import profile_item, relation_item, row_item


def waiting_booking(member: Profile, slot: Slot, queue_position: QueuePosition) -> Booking:
    """Return the booking of a waiting member."""
    token = member.member_id[:16].rjust(16, "0")
    booking_id = session_id(member.member_id, slot.date, token)
    return Booking(
        booking_id,
        member.member_id,
        slot,
        queue_position.since,
        State.WAITING,
        member.work_style,
        queue_position=queue_position,
    )


def paired_bookings(one: Booking, other: Booking) -> tuple[Booking, Booking]:
    """Return the two bookings as a random pair."""
    pair_id = f"{one.member_id} {other.member_id}"
    change = BookingChange(ChangeKind.MATCHED, max(one.requested_at, other.requested_at))
    return (
        one.paired(other, State.MATCHED, pair_id, change),
        other.paired(one, State.MATCHED, pair_id, change),
    )


def member_items(member: Profile, booking: Booking) -> Iterator[Item]:
    """Yield the items of a member with this one booking. Both members of a pair yield the pair row."""
    row = row_of(booking)
    assert row is not None
    yield profile_item(member)
    yield day_item(Day(member.member_id, booking.slot.date, 1).with_booking(booking))
    yield row_item(row)


def relation_items(member: str, other: str, relation: Relation) -> Iterator[Item]:
    """Yield the items of one member's relation about another. A favorite has a copy."""
    yield relation_item(keys.about(member, other), relation)
    if relation.favorite:
        yield relation_item(keys.by(other, member), Relation(favorite=True))
