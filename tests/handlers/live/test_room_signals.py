"""Tests of the signals between the pages of a pair, on a stand-in for the gateway (R41)."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.handlers.live.live_socket import LiveSocket
from chalicelib.handlers.live.signal_limit import MOST_SIGNALS
from chalicelib.services.rooms.attendance import join_session
from tests.handlers.all_routes import token
from tests.handlers.conftest import Lines
from tests.handlers.live.open_page import OpenPage, listening, member, signed_in
from tests.harness import World, at
from tests.live_gateway import LiveGateway


@dataclass
class OpenRoom:
    """The open pages of Ada and Ben, who have joined their session."""

    adas: OpenPage
    bens: OpenPage
    of_ada: str
    of_ben: str


def signal(session_id: str, data: Any) -> str:
    return json.dumps({"type": "signal", "sessionId": session_id, "data": data})


@pytest.fixture
def room(world: World, socket: LiveSocket, gateway: LiveGateway) -> OpenRoom:
    adas, bens = (OpenPage(socket, gateway, f"{name}'s") for name in ("ada", "ben"))
    for page, name in ((adas, "ada"), (bens, "ben")):
        signed_in(world, page, name)
    ada, ben = member(world, "ada"), member(world, "ben")
    of_ada, of_ben = (world.book(one, at(1))["sessionId"] for one in (ada, ben))
    world.now = at(1).start
    for one, session_id in ((ada, of_ada), (ben, of_ben)):
        join_session(world.context, one, session_id)
    return OpenRoom(adas, bens, of_ada, of_ben)


@pytest.mark.parametrize(
    "data",
    [{}, {"kind": "hello", "from": "p"}, {"a": [None, True, 1.5, {"\u00fc": "\U0001f600"}]}, {"sdp": "v" * 30_000}],
)
def test_r41_a_signal_arrives_unchanged_under_the_id_of_the_recipients_session(
    room: OpenRoom, gateway: LiveGateway, data: Any
) -> None:
    assert room.adas.say(signal(room.of_ada, data)) == [
        {"type": "signalled", "sessionId": room.of_ada, "reached": True}
    ]
    assert gateway.read("ben's") == [{"type": "signal", "sessionId": room.of_ben, "data": data}]


# Sends 81 large signals, around the depth at which the parser gives up.
@pytest.mark.long
def test_r41_nested_data_and_huge_numbers_are_sent_on_or_refused(room: OpenRoom, gateway: LiveGateway) -> None:
    for inner in ["1" * 400, *("[" * depth + "]" * depth for depth in range(930, 1010))]:
        (answer,) = room.adas.say(f'{{"type": "signal", "sessionId": "{room.of_ada}", "data": {{"a": {inner}}}}}')
        assert answer["type"] in ("signalled", "/problems/malformed_json")
        if answer["type"] == "signalled":
            (got,) = gateway.read("ben's")
            assert json.dumps(got["data"]["a"]) == inner
        gateway.open.add("ada's")


def test_r41_a_refused_signal_reaches_no_page_and_leaves_the_connection_open(
    world: World, room: OpenRoom, socket: LiveSocket, gateway: LiveGateway
) -> None:
    third = OpenPage(socket, gateway, "third")
    signed_in(world, third, "cy")
    for session_id in (room.of_ada, room.of_ben, ""):
        (problem,) = third.say(signal(session_id, {"kind": "hello"}))
        assert (problem["type"], problem["code"]) == ("/problems/not_found", "not_found")
    world.now = at(1).end + timedelta(minutes=10)
    assert [problem["code"] for problem in room.adas.say(signal(room.of_ada, {}))] == ["too_late"]
    assert gateway.read("ada's") == gateway.read("ben's") == []
    for page in (third, room.adas):
        assert page.is_open
        assert page.say('{"type": "ping"}') == [{"type": "pong"}]


# Sends 300 messages.
@pytest.mark.long
def test_r41_of_all_messages_only_a_signal_reaches_the_partner(
    world: World, room: OpenRoom, socket: LiveSocket, gateway: LiveGateway
) -> None:
    OpenPage(socket, gateway, "third")
    rng = Random(41)
    ids = [room.of_ada, room.of_ben]
    values: list[Any] = [None, True, -1, 1e300, "", "signal", "ping", "ben's", *ids, [], {}, {"a": 1}]
    names = ["type", "sessionId", "data", "to", "connections", "token", "data "]
    reached = 0
    for _ in range(300):
        message = {name: rng.choice(values) for name in rng.sample(names, rng.randint(0, 4))}
        if rng.random() < 0.5:
            message |= {"type": "signal", "sessionId": rng.choice(ids), "data": rng.choice(values)}
        if rng.random() < 0.3:
            message = {"type": "signal", "sessionId": rng.choice(ids), "data": message}
        text = json.dumps(message)
        cut = rng.randint(0, len(text)) if rng.random() < 0.1 else len(text)
        (answer,) = room.adas.say(text[:cut])
        heard = gateway.read("ben's")
        assert heard == ([{"type": "signal", "sessionId": room.of_ben, "data": message["data"]}] if heard else [])
        assert (answer["type"] == "signalled") == bool(heard)
        reached += len(heard)
        # A refusal may have closed the page.
        gateway.open.add("ada's")
    assert gateway.read("third") == []
    assert reached > 0


@pytest.mark.parametrize(
    "message",
    [
        {"data": {}},
        {"sessionId": "x"},
        {"sessionId": None, "data": {}},
        {"sessionId": "x", "data": "text"},
        {"sessionId": "x", "data": []},
        {"sessionId": "x", "data": {}, "to": "ben's"},
    ],
)
def test_r41_a_signal_of_another_shape_is_refused_with_its_fields(room: OpenRoom, message: dict[str, Any]) -> None:
    (problem,) = room.adas.say(json.dumps({"type": "signal", **message}))
    assert (problem["code"], room.adas.is_open) == ("invalid_request", False)


def test_r41_a_page_without_a_token_sends_no_signal(room: OpenRoom, socket: LiveSocket, gateway: LiveGateway) -> None:
    stranger = OpenPage(socket, gateway, "stranger")
    assert [problem["code"] for problem in stranger.say(signal(room.of_ada, {}))] == ["unauthenticated"]
    assert (stranger.is_open, gateway.read("ben's")) == (False, [])


def test_r35_a_page_whose_token_may_only_read_takes_part_in_no_room(
    world: World, room: OpenRoom, socket: LiveSocket, gateway: LiveGateway
) -> None:
    reader = OpenPage(socket, gateway, "reader")
    reader.say(f'{{"token": "{token(world, "ben", aud="reader")}"}}')
    room.adas.say(signal(room.of_ada, {}))
    assert (gateway.read("reader"), len(gateway.read("ben's"))) == ([], 1)
    assert [problem["code"] for problem in reader.say(signal(room.of_ben, {}))] == ["forbidden"]
    assert gateway.read("ada's") == []


@dataclass
class LimitedRoom:
    """The pages of a room at a process whose clock stands, and through which Ada has sent all but one of her signals.

    `second` is a further page of Ada.
    """

    world: World
    room: OpenRoom
    process: LiveSocket
    gateway: LiveGateway
    times: list[datetime]

    def page(self, connection_id: str) -> OpenPage:
        return OpenPage(self.process, self.gateway, connection_id)

    def types(self, connection_id: str) -> list[str]:
        """Send a signal of Ada from a page, and return the types of what the page gets."""
        answers = self.page(connection_id).say(signal(self.room.of_ada, {}))
        return [answer["type"] for answer in answers]


@pytest.fixture
def limited(world: World, room: OpenRoom, socket: LiveSocket, gateway: LiveGateway) -> LimitedRoom:
    times = [datetime.now(UTC).replace(second=0)]
    stopped = LiveSocket(world.context, replace(socket.tokens, clock=lambda: times[-1]))
    limited = LimitedRoom(world, room, stopped, gateway, times)
    signed_in(world, limited.page("second"), "ada")
    for _ in range(MOST_SIGNALS - 1):
        stopped.signals.count(member(world, "ada").member_id, times[-1])
    return limited


def test_r36_a_member_sends_at_most_200_signals_a_minute_over_all_pages(limited: LimitedRoom) -> None:
    assert [limited.types(page) for page in ("ada's", "second")] == [["signalled"], ["/problems/rate_limited"]]
    assert len(limited.gateway.read("ben's")) == 1
    answers = limited.page("ben's").say(signal(limited.room.of_ben, {}))
    assert [answer["type"] for answer in answers] == ["signalled"]


def test_r36_too_many_signals_close_all_pages_of_the_member_also_for_other_processes(
    limited: LimitedRoom, socket: LiveSocket
) -> None:
    world, gateway = limited.world, limited.gateway
    # Only its owner's row says to another process that this page is closed.
    gateway.unreachable.add("ada's")
    for page in ("second", "second"):
        limited.types(page)
    assert (gateway.open, listening(world, member(world, "ben"))) == ({"ada's", "ben's"}, ["ben's"])
    elsewhere = OpenPage(socket, gateway, "ada's")
    assert [problem["code"] for problem in elsewhere.say(signal(limited.room.of_ada, {}))] == ["unauthenticated"]


def test_r36_no_page_opens_until_the_minute_of_too_many_signals_ends(limited: LimitedRoom) -> None:
    world = limited.world
    for page in ("second", "second"):
        limited.types(page)
    third = limited.page("third")
    assert [problem["code"] for problem in signed_in(world, third, "ada")] == ["rate_limited"]
    assert (third.is_open, listening(world, member(world, "ada"))) == (False, ["second"])
    limited.times.append(limited.times[-1] + timedelta(minutes=1))
    assert [answer["type"] for answer in signed_in(world, limited.page("fourth"), "ada")] == ["ready"]
    assert limited.types("fourth") == ["signalled"]


def test_r41_the_sender_does_not_learn_how_many_pages_the_partner_has(
    world: World, room: OpenRoom, socket: LiveSocket, gateway: LiveGateway
) -> None:
    alone = room.adas.say(signal(room.of_ada, {}))
    signed_in(world, OpenPage(socket, gateway, "of ben's phone"), "ben")
    assert room.adas.say(signal(room.of_ada, {})) == alone
    assert [len(gateway.read(page)) for page in ("ben's", "of ben's phone")] == [2, 1]


def test_r41_a_closed_page_of_the_partner_is_forgotten_and_a_hanging_one_is_not(
    world: World, room: OpenRoom, socket: LiveSocket, gateway: LiveGateway
) -> None:
    second = OpenPage(socket, gateway, "second")
    signed_in(world, second, "ben")
    gateway.overloaded.add("second")
    gateway.open.discard("ben's")
    assert [answer["reached"] for answer in room.adas.say(signal(room.of_ada, {}))] == [False]
    assert listening(world, member(world, "ben")) == ["second"]
    gateway.overloaded.clear()
    assert [answer["reached"] for answer in room.adas.say(signal(room.of_ada, {}))] == [True]


def test_r41_the_log_has_the_ids_of_a_signal_and_none_of_its_data(world: World, room: OpenRoom, lines: Lines) -> None:
    lines()
    room.adas.say(signal(room.of_ada, {"sdp": "canary"}))
    (line,) = lines()
    assert (line["route"], line["connection"], line["member"]) == ("message", "ada's", member(world, "ada").member_id)
    assert "canary" not in str(line)
