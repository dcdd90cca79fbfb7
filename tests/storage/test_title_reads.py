"""The reads of long titles."""

from chalicelib.storage import title_reads
from tests.harness import World, at

NINE, TOMORROW, LATER = at(1), at(25), at(49)
LONG = "a" * 65


def test_r36_the_long_titles_of_bookings_are_found_by_booking(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    for slot in (NINE, TOMORROW, LATER):
        world.book(ada, slot, title=f"{LONG} {slot.start}")
    world.book(ben, NINE, title=f"{LONG} of Ben")
    held = [world.day(ada, slot).holding(slot) for slot in (NINE, TOMORROW, LATER)]
    bookings = [booking for booking in held if booking]
    assert [booking.title for booking in bookings] == [None] * 3
    titles = {booking.booking_id: f"{LONG} {booking.slot.start}" for booking in bookings}
    assert title_reads.long_titles(world.table, bookings) == titles
    assert title_reads.long_titles(world.table, bookings[1:2]) == {bookings[1].booking_id: f"{LONG} {TOMORROW.start}"}
    assert list(title_reads.long_titled(world.table, ada.member_id)) == list(titles)


def test_r36_bookings_with_short_titles_take_no_request(world: World) -> None:
    ada = world.member("Ada")
    world.book(ada, NINE, title="short")
    held = world.day(ada, NINE).holding(NINE)
    assert held
    assert title_reads.long_titles(world.table, [held]) == {}
    assert list(title_reads.long_titled(world.table, ada.member_id)) == []
