"""The cost of the availability of favorites, by their number."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from bench.request_units import Entry, RequestUnitLedger
from chalicelib.domain.decisions.day_editor import DayEditor
from chalicelib.domain.decisions.queue_rows import row_changes
from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.day import Day, Days
from chalicelib.domain.model.ids import session_id
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.slot import Slot
from chalicelib.services.bookings.availability import favorites_availability
from chalicelib.services.context import Context
from chalicelib.services.members.profiles import Claims, get_or_create_member
from chalicelib.storage import keys
from chalicelib.storage.day_mappers import day_item
from chalicelib.storage.items import Item, RelationItem
from chalicelib.storage.mappers import row_item
from tests.batches import save

NUMBERS = (10, 50, 100, 200)
BOOKINGS_EACH = 10


def create_favorites(context: Context, caller: Profile, count: int) -> None:
    """Give the caller `count` mutual favorites with ten bookings each over the next two weeks.

    The items are those of real transactions, but written in batches: only the reads are measured.
    """
    favorites = [_member(context, f"Favorite {n} of {caller.name}") for n in range(count)]
    for favorite in favorites:
        both = ((caller.member_id, favorite.member_id), (favorite.member_id, caller.member_id))
        relations = [key for one, other in both for key in (keys.about(one, other), keys.by(other, one))]
        save(context.table, [RelationItem(*key, favorite=True) for key in relations])
        save(context.table, [item for n in range(BOOKINGS_EACH) for item in _waiting(context, favorite, n)])


def read_availability(context: Context, caller: Profile) -> tuple[Entry, int]:
    """Read the availability of the favorites once, and return its requests and the number of bookings shown."""
    with RequestUnitLedger(context.table.connection.client) as ledger, ledger.entry("favorites availability") as entry:
        views = favorites_availability(context, caller)
    return entry, sum(len(view.partners) for view in views)


def lines(context: Context) -> Iterator[str]:
    """Yield a line for each number of favorites."""
    yield f"favorites availability over two weeks, {BOOKINGS_EACH} bookings each:"
    for count in NUMBERS:
        caller = _member(context, f"Caller with {count}")
        create_favorites(context, caller, count)
        entry, shown = read_availability(context, caller)
        units, trips = entry.read_units, entry.round_trips
        yield f"  {count:>3} favorites, {shown:>4} bookings shown {units:>8.1f} read units {trips:>4} round trips"


def _member(context: Context, name: str) -> Profile:
    return get_or_create_member(context, Claims("bench", name, name, None, "UTC", context.clock()))


def _waiting(context: Context, member: Profile, n: int) -> list[Item]:
    """Return the items of the member's waiting booking on the nth day from tomorrow."""
    now = context.clock()
    tomorrow = datetime.combine(now.date(), datetime.min.time(), UTC) + timedelta(days=1)
    slot = Slot(tomorrow + timedelta(days=n, hours=9), 50)
    editor = DayEditor(Days([Day(member.member_id, slot.date)]), context.token(8), now)
    booking_id = session_id(member.member_id, slot.date, context.token(16))
    editor.queue(Booking(booking_id, member.member_id, slot, now, State.WAITING))
    (change,) = editor.changes()
    return [day_item(change.after), *(row_item(row) for row in row_changes([change]).put)]
