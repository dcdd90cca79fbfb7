"""The items of long titles, which follow from the days."""

from msgspec.structs import replace

from chalicelib.domain.decisions.day_editor import DayChange, DayEditor
from chalicelib.domain.decisions.title_items import LongTitle, TitleChanges, title_changes
from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.day import KEPT_CANCELLED, Day, Days
from tests.domain.samples import NOON, SLOT, days_of, pair, waiting

LONG, LONGER = "a" * 65, "b" * 80
ADA, BEN = waiting("ada"), waiting("ben")
OWN = ("ada", ADA.booking_id)
NOTHING = TitleChanges((), ())


def read(booking: Booking) -> Booking:
    """Return the booking as its day is read, without the text of a long title."""
    return replace(booking, title=None) if booking.long_title else booking


def changed(before: Booking, after: Booking) -> TitleChanges:
    (day,) = days_of(read(before))
    return title_changes([DayChange(day, day.with_booking(after))])


def test_r36_a_long_title_is_put_once_and_deleted_with_the_title() -> None:
    long, longer = ADA.titled(LONG), ADA.titled(LONGER)
    assert changed(ADA, long) == TitleChanges((LongTitle(*OWN, LONG),), ())
    assert changed(long, longer) == TitleChanges((LongTitle(*OWN, LONGER),), ())
    assert changed(long, read(long).titled("short")) == TitleChanges((), (OWN,))
    assert changed(long, read(long).titled(None)) == TitleChanges((), (OWN,))
    assert changed(long, read(long).titled(LONG)) == NOTHING
    assert changed(long, read(long).anonymous()) == TitleChanges((), (OWN,))


def test_r36_a_short_title_has_no_item() -> None:
    assert changed(ADA, ADA.titled("a" * 64)) == NOTHING
    assert changed(ADA.titled("short"), ADA.titled(None)) == NOTHING


def test_r36_a_change_of_the_partner_writes_no_title() -> None:
    long = read(ADA.titled(LONG))
    editor = DayEditor(days_of(long, BEN), "operation", NOON)
    editor.match(BEN, long, "pair")
    assert title_changes(editor.changes()) == NOTHING


def test_r17_a_cancelled_booking_keeps_its_title_until_its_day_drops_it() -> None:
    long = read(ADA.titled(LONG))
    day = Day("ada", SLOT.date, version=1).with_booking(long)
    for number in range(KEPT_CANCELLED + 1):
        booking = long if number == 0 else replace(ADA, booking_id=f"booking {number}")
        editor = DayEditor(Days([day.with_booking(booking)]), "operation", NOON)
        editor.cancel(booking)
        (change,) = editor.changes()
        assert title_changes([change]) == TitleChanges((), (OWN,) if number == KEPT_CANCELLED else ())
        day = change.after


def test_r36_a_long_title_of_an_earlier_release_moves_when_its_owner_writes_the_day() -> None:
    old = replace(ADA, title=LONG)
    mine, theirs = pair(old, BEN)
    by_partner = DayEditor(days_of(mine, theirs), "operation", NOON)
    by_partner.cancel(theirs)
    assert title_changes(by_partner.changes()) == NOTHING
    by_owner = DayEditor(days_of(mine, theirs), "operation", NOON)
    by_owner.cancel(mine)
    assert title_changes(by_owner.changes()) == TitleChanges((LongTitle(*OWN, LONG),), ())
