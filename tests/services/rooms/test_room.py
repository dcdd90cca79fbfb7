"""The rooms of pairs (R41)."""

from msgspec.structs import replace

from chalicelib.room_settings import RoomProvider, Rooms
from chalicelib.services.rooms.room import room_of
from tests.harness import World, at


def test_r41_the_room_of_a_link_does_not_follow_from_the_address_of_its_page(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    for member in (ada, ben):
        world.book(member, at(1))
    session = world.seen(ada, at(1))
    assert session
    booking = world.day(ada, at(1)).holding(at(1))
    assert booking
    assert booking.partner
    settings = replace(world.settings, rooms=Rooms(RoomProvider.LINK, "https://rooms.example"))
    room = room_of(settings, booking, ada.name)
    assert session["roomUrl"] == f"https://app.example/rooms/{booking.partner.pair_id}"
    assert room.url.startswith("https://rooms.example/")
    assert booking.partner.pair_id not in room.url
