"""The address and credentials of a room, which only the response to joining has (R41)."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from chalice.test import Client
from msgspec.structs import replace

from chalicelib.domain.model.event import Event, EventKind
from chalicelib.domain.model.notices import Channel, Delivery
from chalicelib.handlers.deliveries import email, live
from chalicelib.room_settings import Jitsi, RoomProvider, Rooms
from chalicelib.services.notices.live_connections import open_connection
from chalicelib.services.notices.notice_settings import NoticesChange, change_notices
from tests.announcements import announce_all, record_channels
from tests.handlers.all_routes import api, calls
from tests.handlers.callers import AccessScenario
from tests.handlers.conftest import Lines
from tests.harness import World, at
from tests.live_gateway import LiveGateway
from tests.outbox import connect_outbox
from tests.table_snapshot import read_whole_table

# Olive's session with the partner.
SLOT = at(9)
PROVIDERS = {
    "lockstep": Rooms(ice_urls=("stun:stun.example", "turn:turn.example"), turn_secret="shared", relay_only=True),
    "jitsi": Rooms(RoomProvider.JITSI, "https://meet.example", jitsi=Jitsi("app", "s" * 32)),
    "link": Rooms(RoomProvider.LINK, "https://rooms.example/a"),
}


def use(world: World, provider: str) -> None:
    world.context.settings = replace(world.context.settings, rooms=PROVIDERS[provider])


def join(scenario: AccessScenario) -> Any:
    with Client(api(scenario.world)) as client:
        path = f"/v1/sessions/{scenario.names['sessionId']}/join"
        answer = client.http.request("POST", path, headers=scenario.token(), body=b"")
    assert answer.status_code == 200
    return answer.json_body["room"]


def test_r41_the_room_of_each_provider_opens_until_10_minutes_after_the_end(scenario: AccessScenario) -> None:
    scenario.world.now = SLOT.start
    rooms = {}
    for provider in PROVIDERS:
        use(scenario.world, provider)
        rooms[provider] = join(scenario)
    expires = (SLOT.end + timedelta(minutes=10)).isoformat()
    assert {provider: (room["provider"], room["expiresAt"]) for provider, room in rooms.items()} == {
        provider: (provider, expires) for provider in PROVIDERS
    }
    assert rooms["lockstep"].keys() == {"provider", "url", "expiresAt", "iceServers", "relayOnly"}
    stun, turn = rooms["lockstep"]["iceServers"]
    assert (stun, turn["urls"], turn.keys()) == (
        {"urls": ["stun:stun.example"]},
        ["turn:turn.example"],
        {"urls", "username", "credential"},
    )
    assert rooms["lockstep"]["relayOnly"] is True
    assert rooms["jitsi"].keys() == rooms["link"].keys() == {"provider", "url", "expiresAt"}
    # One pair has one room, also at another provider.
    name = rooms["link"]["url"].removeprefix("https://rooms.example/a/")
    assert rooms["jitsi"]["url"].startswith(f"https://meet.example/{name}?jwt=")


def test_r41_own_rooms_without_servers_say_so(scenario: AccessScenario) -> None:
    scenario.world.now = SLOT.start
    room = join(scenario)
    assert (room["iceServers"], room["relayOnly"]) == ([], False)


def secrets_of(room: Any) -> set[str]:
    """Return the texts of which each opens the room."""
    if room["provider"] == "lockstep":
        turn = room["iceServers"][-1]
        return {turn["credential"], turn["username"], turn["username"].split(":")[1]}
    address, _, token = room["url"].partition("?jwt=")
    return {address.rsplit("/", 1)[1], *([token] if token else [])}


def outputs(scenario: AccessScenario, lines: Lines) -> Iterator[tuple[str, str]]:
    """Yield the output of every route and channel, of the log and of the table."""
    world = scenario.world
    app = api(world)
    with Client(app) as client:
        for method, path, body in calls(app, scenario.names):
            if method == "DELETE" or "/join?" in path:
                continue
            payload = b"" if body is None else json.dumps(body).encode()
            headers = {**scenario.token(), "Content-Type": "application/json"}
            answer = client.http.request(method, path, headers=headers, body=payload)
            yield f"{method} {path}", f"{answer.headers} {answer.body!r}"
    bus, queues = record_channels(world)
    outbox = connect_outbox(world)
    gateway = world.context.channels.live = LiveGateway()
    announce_all(world)
    yield "bus", repr(bus.events)
    yield "queues", msgspec.json.encode(queues.deliveries).decode()
    gateway.open.add("olive's")
    for kind in EventKind:
        event = Event(f"evt_{kind}", kind, scenario.olive.member_id, world.now, SLOT, scenario.names["sessionId"])
        live.deliver(world.context, Delivery(Channel.LIVE, event), lambda: datetime.now(UTC))
        email.deliver(world.context, Delivery(Channel.EMAIL, event))
    assert gateway.got
    assert outbox.sent
    yield "live", json.dumps(gateway.got)
    yield "mails", "\n".join(str(mail) for mail in outbox.parsed())
    yield "log", json.dumps(lines())
    yield "table", repr(read_whole_table(world.table))


# Calls every route.
@pytest.mark.long
@pytest.mark.parametrize("provider", PROVIDERS)
def test_r41_nothing_that_opens_a_room_is_in_any_other_output(
    scenario: AccessScenario, lines: Lines, provider: str
) -> None:
    world = scenario.world
    use(world, provider)
    world.now = SLOT.start
    olive, now = scenario.olive, datetime.now(UTC)
    open_connection(world.context, olive, "olive's", token_expires=now + timedelta(hours=1), now=now)
    address = NoticesChange(address="olive@example.org", verified_address="olive@example.org")
    change_notices(world.context, olive.member_id, address)
    room = join(scenario)
    opens = secrets_of(room)
    assert all(secret in json.dumps(room) for secret in opens)
    found = [(name, secret) for name, output in outputs(scenario, lines) for secret in opens if secret in output]
    assert found == []
