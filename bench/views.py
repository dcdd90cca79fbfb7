"""What the favorites' availability costs, by the number of favorites."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from bench.ledger import Entry, Ledger
from chalicelib.domain.booking import Booking, State
from chalicelib.domain.day import Day, Days
from chalicelib.domain.draft import Draft
from chalicelib.domain.identity import session_id
from chalicelib.domain.member import Profile
from chalicelib.domain.rows import row_changes
from chalicelib.domain.slot import Slot
from chalicelib.services.availability import favorites_availability
from chalicelib.services.lockstep import Lockstep
from chalicelib.services.profiles import Claims, admit
from chalicelib.storage import keys
from chalicelib.storage.encoding import day_item, row_item
from chalicelib.storage.items import Item, RelationItem
from tests.batches import save

CROWDS = (10, 50, 100, 200)
BOOKINGS_EACH = 10


def fill_with_favorites(lockstep: Lockstep, caller: Profile, count: int) -> None:
    """Give the caller so many favorites, who favor the caller too and have ten bookings each over the next two weeks.

    Written in batches, as the commit would write it, since only reading is measured.
    """
    favorites = [_member(lockstep, f"Favorite {n} of {caller.name}") for n in range(count)]
    for favorite in favorites:
        both = ((caller.member_id, favorite.member_id), (favorite.member_id, caller.member_id))
        said = [key for one, other in both for key in (keys.about(one, other), keys.by(other, one))]
        save(lockstep.table, [RelationItem(*key, favorite=True) for key in said])
        save(lockstep.table, [item for n in range(BOOKINGS_EACH) for item in _waiting(lockstep, favorite, n)])


def look(lockstep: Lockstep, caller: Profile) -> tuple[Entry, int]:
    """What one look at the favorites' availability asks of the table, and how many bookings it shows."""
    with Ledger(lockstep.table.connection.client) as ledger, ledger.entry("favorites availability") as entry:
        views = favorites_availability(lockstep, caller)
    return entry, sum(len(view.partners) for view in views)


def lines(lockstep: Lockstep) -> Iterator[str]:
    """A line for each number of favorites."""
    yield f"favorites availability over two weeks, {BOOKINGS_EACH} bookings each:"
    for count in CROWDS:
        caller = _member(lockstep, f"Caller with {count}")
        fill_with_favorites(lockstep, caller, count)
        entry, shown = look(lockstep, caller)
        units, trips = entry.read_units, entry.round_trips
        yield f"  {count:>3} favorites, {shown:>4} bookings shown {units:>8.1f} read units {trips:>4} round trips"


def _member(lockstep: Lockstep, name: str) -> Profile:
    return admit(lockstep, Claims("bench", name, name, None, "UTC", lockstep.clock()))


def _waiting(lockstep: Lockstep, member: Profile, n: int) -> list[Item]:
    """The items of a booking that waits, one a day from tomorrow on."""
    now = lockstep.clock()
    tomorrow = datetime.combine(now.date(), datetime.min.time(), UTC) + timedelta(days=1)
    slot = Slot(tomorrow + timedelta(days=n, hours=9), 50)
    draft = Draft(Days([Day(member.member_id, slot.date)]), lockstep.token(8), now)
    booking_id = session_id(member.member_id, slot.date, lockstep.token(16))
    draft.queue(Booking(booking_id, member.member_id, slot, now, State.WAITING))
    (change,) = draft.changes()
    return [day_item(change.after), *(row_item(row) for row in row_changes([change]).put)]
