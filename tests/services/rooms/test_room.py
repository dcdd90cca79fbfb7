"""The rooms of pairs, as joining opens them for each member (R41)."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from msgspec.structs import replace

from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.slot import Slot
from chalicelib.room_settings import Jitsi, RoomProvider, Rooms
from chalicelib.services.rooms.attendance import join_session
from chalicelib.services.rooms.room import OpenedRoom, room_of, room_page
from tests.harness import World, at

SLOT = at(1)
MINUTE = timedelta(minutes=1)
SECRET = "s" * 32
JITSI = Rooms(RoomProvider.JITSI, "https://meet.example", jitsi=Jitsi("lockstep", SECRET))
OWN = Rooms(ice_urls=("turn:turn.example",), turn_secret=SECRET)


class TwoRooms:
    """The rooms of Ada and Ben, and of Cy and Dee, who all join their sessions of one slot."""

    def __init__(self, world: World, rooms: Rooms) -> None:
        world.context.settings = replace(world.context.settings, rooms=rooms)
        self.world = world
        self.members = world.members("Ada", "Ben", "Cy", "Dee")
        self.ada, self.ben, self.cy, self.dee = self.meet(SLOT, self.members)

    def meet(self, slot: Slot, members: list[Profile]) -> list[OpenedRoom]:
        """Let each two members in turn meet in a slot, and return their rooms."""
        world = self.world
        sessions = [world.book(member, slot)["sessionId"] for member in members]
        world.now = slot.start
        return [
            join_session(world.context, member, session).room for member, session in zip(members, sessions, strict=True)
        ]


def name_of(room: OpenedRoom) -> str:
    """Return the name of a room at its provider."""
    return urlsplit(room.url).path.removeprefix("/")


def admitted(room: OpenedRoom, name: str) -> Any:
    """Return the claims of the address's token at any time, as a Jitsi server that opens the room of that name.

    Raises InvalidTokenError.
    """
    (token,) = parse_qs(urlsplit(room.url).query)["jwt"]
    options: Any = {"require": ["nbf", "exp", "room", "aud"], "verify_nbf": False, "verify_exp": False}
    claims = jwt.decode(token, SECRET, algorithms=["HS256"], audience="jitsi", issuer="lockstep", options=options)
    if claims["room"] != name:
        raise jwt.InvalidTokenError("another room")
    return claims


def user_name(room: OpenedRoom) -> str:
    """Return the user name at the TURN servers."""
    assert room.ice_servers
    (turn,) = room.ice_servers
    assert turn.username
    return turn.username


def test_r41_joining_returns_a_token_for_one_member_one_room_and_the_time_of_the_room(world: World) -> None:
    rooms = TwoRooms(world, JITSI)
    name, other = name_of(rooms.ada), name_of(rooms.cy)
    assert (name_of(rooms.ben), name_of(rooms.dee)) == (name, other)
    assert name != other
    for room, member in ((rooms.ada, "Ada"), (rooms.ben, "Ben")):
        claims = admitted(room, name)
        assert (claims["nbf"], claims["exp"], claims["context"]["user"]["name"]) == (
            int((SLOT.start - 10 * MINUTE).timestamp()),
            int((SLOT.end + 10 * MINUTE).timestamp()),
            member,
        )
    for room, foreign in ((rooms.ada, other), (rooms.ben, other), (rooms.cy, name), (rooms.dee, name)):
        with pytest.raises(jwt.InvalidTokenError):
            admitted(room, foreign)
    users = [admitted(room, name_of(room))["context"]["user"]["id"] for room in (rooms.ada, rooms.ben, rooms.cy)]
    assert len(set(users)) == 3


def test_r41_each_member_of_each_pair_has_another_user_name_at_the_turn_servers(world: World) -> None:
    """The logs of a TURN server do not show that a member was in two rooms."""
    rooms = TwoRooms(world, OWN)
    later = rooms.meet(at(3), rooms.members[:2])
    names = [user_name(room).split(":") for room in (rooms.ada, rooms.ben, rooms.cy, rooms.dee, *later)]
    assert len({opaque for _, opaque in names}) == len(names)
    booking = world.day(rooms.members[0], SLOT).holding(SLOT)
    assert booking
    assert booking.partner
    new_pair = replace(booking, partner=replace(booking.partner, pair_id="another"))
    first, second = (user_name(room_of(world.context.settings, one, "Ada")) for one in (booking, new_pair))
    assert first != second
    ends = [int((slot.end + 10 * MINUTE).timestamp()) for slot in (SLOT, at(3))]
    assert [int(end) for end, _ in names] == [ends[0]] * 4 + [ends[1]] * 2


def test_r41_the_room_of_a_link_does_not_follow_from_the_address_of_its_page(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    for member in (ada, ben):
        world.book(member, SLOT)
    session = world.seen(ada, SLOT)
    assert session
    booking = world.day(ada, SLOT).holding(SLOT)
    assert booking
    assert booking.partner
    settings = replace(world.settings, rooms=Rooms(RoomProvider.LINK, "https://rooms.example"))
    room = room_of(settings, booking, ada.name)
    assert session["roomUrl"] == f"https://app.example/rooms/{booking.partner.pair_id}"
    assert room.url.startswith("https://rooms.example/")
    assert booking.partner.pair_id not in room.url


def test_r41_the_page_of_a_room_is_that_of_the_web_app_or_of_a_frontend_elsewhere(world: World) -> None:
    app, elsewhere = "https://app.example", "https://elsewhere.example"
    for app_url, public_url, page in ((app, elsewhere, f"{app}/rooms/p"), ("", elsewhere, f"{elsewhere}/rooms/p")):
        messaging = replace(world.settings.messaging, public_url=public_url)
        assert room_page(replace(world.settings, app_url=app_url, messaging=messaging), "p") == page
    messaging = replace(world.settings.messaging, public_url="")
    assert room_page(replace(world.settings, app_url="", messaging=messaging), "p") is None
