"""Tests of the WebSocket's functions on a stand-in for the gateway."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.handlers.event_log import EventFailed
from chalicelib.handlers.http.inputs import cursors
from chalicelib.handlers.live.live_socket import LiveSocket
from chalicelib.services.notices.live_connections import (
    MOST_CONNECTIONS,
    MOST_EVENTS_OF_ROW,
    connection_owner,
)
from tests.fault_proxy import Fault, FaultProxy
from tests.handlers.all_routes import token
from tests.handlers.conftest import Lines
from tests.handlers.live.open_page import OpenPage, listening, member, signed_in
from tests.harness import World
from tests.live_gateway import LiveGateway


def test_r43_a_token_opens_a_connection_and_the_answer_continues_the_event_list(
    world: World, socket: LiveSocket, gateway: LiveGateway
) -> None:
    page = OpenPage(socket, gateway, "one")
    assert listening(world, member(world, "ada")) == []
    (ready,) = signed_in(world, page, "ada")
    ada = member(world, "ada")
    assert ready.keys() == {"type", "expiresAt", "nextCursor"}
    assert ready["type"] == "ready"
    # The test's tokens are valid for an hour.
    lasts = datetime.fromisoformat(ready["expiresAt"]) - datetime.now(UTC)
    assert timedelta(minutes=59) < lasts < timedelta(minutes=61)
    scope = f"{ada.member_id} /v1/events"
    assert cursors.position_in(world.settings.cursor_key, scope, ready["nextCursor"]) == f"0.{MOST_EVENTS_OF_ROW}"
    assert listening(world, ada) == ["one"]
    page.leave()
    assert listening(world, ada) == []


@pytest.mark.parametrize("first", ['{"type": "ping"}', "ping", "{}", "{", "[]", '{"token": ""}', '{"token": "a.b.c"}'])
def test_r43_without_a_valid_token_a_connection_is_refused_and_closed(
    world: World, socket: LiveSocket, gateway: LiveGateway, first: str
) -> None:
    page = OpenPage(socket, gateway, "one")
    (problem,) = page.say(first)
    code = {"ping": "malformed_json", "{": "malformed_json", "{}": "invalid_request", "[]": "invalid_request"}.get(
        first, "unauthenticated"
    )
    assert (problem["type"], problem["code"], problem["instance"]) == (f"/problems/{code}", code, "/requests/req-1")
    assert not page.is_open
    assert connection_owner(world.context, "one", now=datetime.now(UTC)) is None


@pytest.mark.parametrize("claim", [{"exp": datetime(2020, 1, 1, tzinfo=UTC)}, {"aud": "another"}, {"sub": ""}])
def test_r35_a_token_that_no_request_may_have_opens_no_connection(
    world: World, socket: LiveSocket, gateway: LiveGateway, claim: dict[str, Any]
) -> None:
    page = OpenPage(socket, gateway, "one")
    (problem,) = page.say(f'{{"token": "{token(world, "ada", **claim)}"}}')
    assert (problem["code"], page.is_open) == ("unauthenticated", False)


def test_r35_a_token_that_may_only_read_opens_a_connection_of_an_existing_member_only(
    world: World, socket: LiveSocket, gateway: LiveGateway
) -> None:
    first, second = OpenPage(socket, gateway, "one"), OpenPage(socket, gateway, "two")
    reading = f'{{"token": "{token(world, "ada", aud="reader")}"}}'
    assert [problem["code"] for problem in first.say(reading)] == ["unauthenticated"]
    member(world, "ada")
    assert [message["type"] for message in second.say(reading)] == ["ready"]


def test_r43_a_ping_is_answered_while_the_connection_is_valid(
    world: World, socket: LiveSocket, gateway: LiveGateway
) -> None:
    page = OpenPage(socket, gateway, "one")
    signed_in(world, page, "ada")
    assert page.say('{"type": "ping"}') == [{"type": "pong"}]
    much_later = replace(socket.tokens, clock=lambda: datetime.now(UTC) + timedelta(hours=2))
    later = OpenPage(LiveSocket(world.context, much_later), gateway, "one")
    assert [problem["code"] for problem in later.say('{"type": "ping"}')] == ["unauthenticated"]
    assert not page.is_open


def test_r43_a_second_token_extends_the_connection_and_one_of_another_member_closes_it(
    world: World, socket: LiveSocket, gateway: LiveGateway
) -> None:
    page = OpenPage(socket, gateway, "one")
    signed_in(world, page, "ada")
    assert [message["type"] for message in signed_in(world, page, "ada")] == ["ready"]
    ben = member(world, "ben")
    assert [problem["code"] for problem in signed_in(world, page, "ben")] == ["forbidden"]
    assert (page.is_open, listening(world, ben)) == (False, [])


def test_r36_the_oldest_connection_of_a_member_is_closed_for_the_newest(
    world: World, socket: LiveSocket, gateway: LiveGateway
) -> None:
    pages = [OpenPage(socket, gateway, f"{number}") for number in range(MOST_CONNECTIONS + 2)]
    # One that cannot be closed now does not keep the newest from opening.
    gateway.unreachable.add("1")
    assert {message["type"] for page in pages for message in signed_in(world, page, "ada")} == {"ready"}
    assert [page.is_open for page in pages] == [False] + [True] * (MOST_CONNECTIONS + 1)
    assert sorted(listening(world, member(world, "ada"))) == sorted(page.connection_id for page in pages[2:])


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 200),
        ("https://app.example", 200),
        ("https://api.example", 200),
        ("https://lockstep.example", 200),
        ("https://evil.example", 403),
        ("https://app.example.evil.example", 403),
        ("http://app.example", 403),
        ("null", 403),
        ("", 403),
    ],
)
def test_r43_only_pages_that_may_call_the_api_connect(world: World, origin: str | None, status: int) -> None:
    settings = world.context.settings
    messaging = replace(settings.messaging, public_url="https://api.example/api")
    world.context.settings = replace(settings, origins=("https://app.example",), messaging=messaging)
    event = {
        "requestContext": {"connectionId": "one", "requestId": "req-1"},
        "headers": {"Host": "live.example", **({} if origin is None else {"Origin": origin})},
    }
    assert LiveSocket(world.context).connect(event) == {"statusCode": status}


def test_r43_pages_of_all_origins_connect_if_all_may_call(world: World) -> None:
    world.context.settings = replace(world.context.settings, origins=("*",))
    event = {"requestContext": {"connectionId": "one", "requestId": "r"}, "headers": {"origin": "https://any.example"}}
    assert LiveSocket(world.context).connect(event) == {"statusCode": 200}


def test_r43_an_overloaded_table_leaves_the_connection_open(
    faults: FaultProxy, world: World, socket: LiveSocket, gateway: LiveGateway
) -> None:
    page = OpenPage(socket, gateway, "one")
    member(world, "ada")
    faults.plan += [Fault.THROTTLED] * 8
    assert [problem["code"] for problem in signed_in(world, page, "ada")] == ["busy"]
    assert page.is_open
    faults.plan.clear()
    assert [message["type"] for message in signed_in(world, page, "ada")] == ["ready"]


def test_r43_a_connection_that_closed_before_its_answer_is_forgotten(
    world: World, socket: LiveSocket, gateway: LiveGateway
) -> None:
    page = OpenPage(socket, gateway, "one")
    gateway.open.clear()
    assert signed_in(world, page, "ada") == []
    assert listening(world, member(world, "ada")) == []


def test_r43_an_unexpected_failure_is_logged_without_the_message(
    world: World, socket: LiveSocket, gateway: LiveGateway, lines: Lines
) -> None:
    page = OpenPage(socket, gateway, "one")
    lines()
    gateway.overloaded.add("one")
    secret = token(world, "ada")
    with pytest.raises(EventFailed):
        page.say(f'{{"token": "{secret}"}}')
    (line,) = lines()
    assert (line["event"], line["route"], line["connection"], line["error"]) == (
        "live",
        "message",
        "one",
        ["SendFailed"],
    )
    assert secret not in str(line)


def test_r43_a_stranger_is_disconnected_also_if_the_problem_cannot_be_sent(
    socket: LiveSocket, gateway: LiveGateway
) -> None:
    page = OpenPage(socket, gateway, "one")
    gateway.overloaded.add("one")
    with pytest.raises(EventFailed):
        page.say('{"token": "a.b.c"}')
    assert not page.is_open


def test_the_log_names_the_ids_of_a_connection_and_no_token(
    world: World, socket: LiveSocket, gateway: LiveGateway, lines: Lines
) -> None:
    page = OpenPage(socket, gateway, "one")
    signed_in(world, page, "ada")
    page.leave()
    found = [
        {name: line.get(name) for name in ("event", "request", "route", "connection", "member")} for line in lines()
    ]
    common = {"event": "live", "request": "req-1", "connection": "one"}
    assert found == [
        {**common, "route": "connect", "member": None},
        {**common, "route": "message", "member": member(world, "ada").member_id},
        {**common, "route": "disconnect", "member": None},
    ]
