"""The items of an account and of the members around it, as real transactions store them."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import cycle, islice

from msgspec.structs import replace

from bench.account_sizes import START, TOMORROW, AccountSize
from chalicelib.domain.decisions.day_editor import DayChange
from chalicelib.domain.decisions.queue_rows import row_changes
from chalicelib.domain.decisions.title_items import title_changes
from chalicelib.domain.model.booking import Booking, BookingChange, ChangeKind, QueuePosition, State
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.document import Document
from chalicelib.domain.model.event import EVENTS_KEPT, Event, EventKind, EventLog, EventRow, event_id
from chalicelib.domain.model.ids import encode, session_id
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.slot import Slot, day_start
from chalicelib.services.notices.event_list import MOST_EVENTS
from chalicelib.storage import keys
from chalicelib.storage.day_mappers import day_item, title_item
from chalicelib.storage.items import Item, RelationItem
from chalicelib.storage.mappers import account_item, row_item

BOOKINGS_OF_A_FAVORITE = 10
# The slot of a session that its members may join.
STARTED = Slot(START, 25)
# The slot of a session that the member alone has joined, five minutes after its start.
ALONE = Slot(START - timedelta(minutes=5), 25)
# The last half hour of tomorrow.
LAST = Slot(day_start(TOMORROW) + timedelta(hours=23, minutes=30), 25)


def stored_id(kind: str, owner: Profile, number: int) -> str:
    """Return the id of a member around the owner."""
    return encode(f"{kind} {number:05} {owner.member_id}".encode(), 24)


def slots_ahead(size: AccountSize) -> Iterator[Slot]:
    """Yield the slots of an account's sessions ahead, `a_date` on each date."""
    dates = (day_start(TOMORROW) + timedelta(days=n) for n in range(size.ahead))
    starts = (date + timedelta(minutes=30 * n) for date in dates for n in range(size.a_date))
    return (Slot(start, 25) for start in islice(starts, size.ahead))


def waiting_booking(member: Profile, slot: Slot, title: str) -> Booking:
    """Return a booking that waits since yesterday."""
    token = encode(f"{slot.start:%H%M} {member.member_id}".encode(), 16)
    booking_id = session_id(member.member_id, slot.date, token)
    since = START - timedelta(days=1)
    position = QueuePosition(displaced=False, since=since)
    booking = Booking(booking_id, member.member_id, slot, since, State.WAITING, queue_position=position)
    return booking.titled(title)


def pairs(size: AccountSize, one: Profile, other: Profile, slots: Iterable[Slot]) -> Iterator[Booking]:
    """Yield the matched bookings of two members in each slot."""
    change = BookingChange(ChangeKind.MATCHED, START - timedelta(hours=1))
    for slot in slots:
        pair_id = encode(f"{slot.start:%d%H%M} {one.member_id}".encode(), 26)
        mine, theirs = (waiting_booking(member, slot, size.title) for member in (one, other))
        yield mine.paired(theirs, State.MATCHED, pair_id, change)
        yield theirs.paired(mine, State.MATCHED, pair_id, change)


def sessions_ahead(size: AccountSize, one: Profile, other: Profile) -> Iterator[Item]:
    """Yield the items of the sessions ahead of two members, who meet in each."""
    return _items(pairs(size, one, other, slots_ahead(size)))


def sessions_today(size: AccountSize, member: Profile, partner: Profile) -> Iterator[Item]:
    """Yield the items of a session that both may join and of one whose partner has not joined."""
    alone, absent = pairs(size, member, partner, [ALONE])
    absent = replace(absent, partner=replace(absent.partner, joined_at=ALONE.start))
    return _items([*pairs(size, member, partner, [STARTED]), replace(alone, joined_at=ALONE.start), absent])


def tomorrow_with_waiting(size: AccountSize, one: Profile, other: Profile) -> Iterator[Item]:
    """Yield the items of tomorrow again, with a waiting booking of `one` in the last half hour."""
    tomorrow = [slot for slot in slots_ahead(size) if slot.date == TOMORROW]
    return _items([*pairs(size, one, other, tomorrow), waiting_booking(one, LAST, size.title)])


def history(size: AccountSize, member: Profile, former_id: str) -> Iterator[Item]:
    """Yield the past days, each with two sessions that had a partner. The first session had the former member."""
    first = day_start(START.date()) - timedelta(days=size.past_days)
    starts = (first + timedelta(days=n, hours=9 + hour) for n in range(size.past_days) for hour in range(2))
    slots = [Slot(start, 50) for start in starts]
    former, met = (replace(member, member_id=one) for one in (former_id, stored_id("past partner", member, 0)))
    paired = [*pairs(size, member, former, slots[:1]), *pairs(size, member, met, slots[1:])]
    for item in _items(booking for booking in paired if booking.member_id == member.member_id):
        if not item.pk.startswith(keys.PAIRS):
            yield item


def favorite(member: Profile) -> Iterator[Item]:
    """Yield the items of a favorite with ten bookings over the next two weeks."""
    yield account_item(member)
    starts = (day_start(TOMORROW) + timedelta(days=n, hours=9) for n in range(BOOKINGS_OF_A_FAVORITE))
    yield from _items(waiting_booking(member, Slot(start, 50), "Write") for start in starts)


def relations(size: AccountSize, member: Profile) -> Iterator[Item]:
    """Yield the member's favorites and blocks, and the relations of the member's followers.

    The last favorite and the last block are made by use cases.
    """
    me = member.member_id
    for n in range(size.favorites - 1):
        other_id = stored_id("favorite", member, n)
        for one, other in ((me, other_id), (other_id, me)):
            yield RelationItem(*keys.about(one, other), favorite=True)
            yield RelationItem(*keys.by(other, one), favorite=True)
    for n in range(size.blocks - 2):
        yield RelationItem(*keys.about(me, stored_id("blocked", member, n)), blocked=True)
    for n in range(size.followers):
        # The copy of each with its follower is left out: no request reads it.
        yield RelationItem(*keys.by(me, stored_id("follower", member, n)), favorite=True)


def event_log(size: AccountSize, member: Profile) -> Iterator[Document]:
    """Yield a log with the expired events and then a page of current ones, each of another session."""
    slots = cycle(slots_ahead(size))
    count = size.expired_events + MOST_EVENTS
    for sequence in range(1, count + 1):
        booking = waiting_booking(member, next(slots), "")
        key = event_id(booking.booking_id, sequence)
        event = Event(key, EventKind.MATCHED, member.member_id, START, booking.slot, booking.booking_id)
        expires = START + (timedelta(0) if sequence <= size.expired_events else EVENTS_KEPT)
        yield EventRow(member_id=member.member_id, sequence=sequence, events=(event,), expires=expires, version=1)
    yield EventLog(member_id=member.member_id, sequence=count, change_ids=("20261202.2147483647",) * 32, version=count)


def _items(bookings: Iterable[Booking]) -> Iterator[Item]:
    """Yield the days that hold the bookings, with their rows and long titles."""
    days: dict[tuple[str, object], Day] = {}
    for booking in bookings:
        key = (booking.member_id, booking.slot.date)
        days[key] = days.get(key, Day(*key)).with_booking(booking)
    changes = [DayChange(Day(*day.key), day.written_by("operation")) for day in days.values()]
    yield from (day_item(change.after) for change in changes)
    yield from (row_item(row) for row in row_changes(changes).put)
    yield from (title_item(title) for title in title_changes(changes).put)
