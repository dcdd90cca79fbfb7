"""The webhook of a room provider that reports a join (R37)."""

import base64
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from chalice.test import Client, HTTPResponse
from msgspec.structs import replace

from chalicelib.handlers.http.resources.room_events import JOINED
from chalicelib.room_settings import RoomProvider, Rooms
from chalicelib.services.rooms.room import room_name
from tests.handlers.all_routes import api
from tests.harness import World, at
from tests.table_snapshot import take_snapshot

SECRET = "a secret of the provider with 40 letters"
SLOT = at(1)
PATH = "/v1/rooms/joined"


@pytest.fixture
def client(world: World) -> Iterator[Client]:
    """A client of a deployment with the secret of a room provider."""
    world.record_attendance()
    rooms = Rooms(RoomProvider.LINK, "https://rooms.example", webhook_secret=SECRET)
    world.context.settings = replace(world.context.settings, rooms=rooms)
    with Client(api(world)) as client:
        yield client


class Pair:
    """Two members with a session that has a room, and the webhooks of its provider."""

    def __init__(self, world: World, client: Client) -> None:
        self.world, self.client = world, client
        self.ada, self.ben = world.members("Ada", "Ben")
        self.of_ada = world.book(self.ada, SLOT)
        self.of_ben = world.book(self.ben, SLOT)
        world.now = SLOT.start - timedelta(minutes=2)
        room = room_name(world.settings.identity_key, self.of_ben["roomUrl"].rpartition("/")[2])
        self.event: dict[str, Any] = {
            "eventType": JOINED,
            "sessionId": "the provider's own",
            "timestamp": 1602841728124,
            "fqn": f"tenant/{room}",
            "data": {"id": f"{self.ada.member_id}.{self.of_ada['sessionId']}", "name": "Ada", "moderator": "true"},
        }

    def send(self, event: Any = None, **headers: str) -> HTTPResponse:
        """Send a webhook as Jitsi as a Service does, with changed headers."""
        body = event if isinstance(event, bytes) else json.dumps(event or self.event).encode()
        timestamp = str(int(self.world.now.timestamp()))
        digest = hmac.digest(SECRET.encode(), f"{timestamp}.".encode() + body, "sha256")
        signed = {"X-Jaas-Signature": f"t={timestamp},v1={base64.b64encode(digest).decode()}"}
        return self.client.http.post(PATH, body=body, headers={"Content-Type": "application/json", **signed, **headers})

    def joined(self) -> list[str | None]:
        """Return the instants at which the two joined, Ada first."""
        return [user["joinedAt"] for user in self.world.session(self.ada, self.of_ada)["users"]]


@pytest.fixture
def pair(world: World, client: Client) -> Pair:
    """Two members with a session that has a room."""
    return Pair(world, client)


def test_r37_a_signed_webhook_marks_its_member_as_joined_once(world: World, pair: Pair) -> None:
    response = pair.send()
    assert (response.status_code, response.body) == (204, b"")
    assert pair.joined() == ["2026-03-02T08:58:00+00:00", None]
    before = take_snapshot(world.table)
    world.after(minutes=1)
    # The provider repeats a webhook whose response it did not get.
    assert pair.send().status_code == 204
    assert take_snapshot(world.table) == before


@pytest.mark.parametrize(
    "signature",
    ["", "t=1772441880,v1=", "t=1772441880,v1=AAAA", "v1=AAAA", "no signature"],
)
def test_r37_a_webhook_without_a_valid_signature_changes_nothing(world: World, pair: Pair, signature: str) -> None:
    before = take_snapshot(world.table)
    response = pair.send(**{"X-Jaas-Signature": signature})
    assert (response.status_code, response.json_body["code"]) == (401, "unauthenticated")
    assert take_snapshot(world.table) == before


def test_r37_a_webhook_that_was_recorded_is_refused_after_5_minutes(world: World, pair: Pair) -> None:
    signed_at = world.now
    body = json.dumps(pair.event).encode()
    timestamp = str(int(signed_at.timestamp()))
    digest = hmac.digest(SECRET.encode(), f"{timestamp}.".encode() + body, "sha256")
    signature = f"t={timestamp},v1={base64.b64encode(digest).decode()}"
    world.after(minutes=5, seconds=1)
    assert pair.send(body, **{"X-Jaas-Signature": signature}).status_code == 401
    assert pair.joined() == [None, None]


EFFECTLESS = {
    "another event": {"eventType": "PARTICIPANT_LEFT"},
    "another room": {"fqn": "tenant/another-room"},
    "no participant": {"data": {}},
    "an unknown participant": {"data": {"id": "auth0|ada"}},
    "an id of another form": {"data": {"id": 7}},
    "no room": {"fqn": None},
}


@pytest.mark.parametrize("changes", EFFECTLESS.values(), ids=EFFECTLESS)
def test_r37_a_signed_webhook_without_an_effect_has_the_same_response(
    world: World, pair: Pair, changes: dict[str, Any]
) -> None:
    before = take_snapshot(world.table)
    response = pair.send({**pair.event, **changes})
    assert (response.status_code, response.body) == (204, b"")
    assert take_snapshot(world.table) == before


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'"PARTICIPANT_JOINED"'])
def test_r37_a_signed_body_of_another_form_has_the_same_response(pair: Pair, body: bytes) -> None:
    assert pair.send(body).status_code == 204
    assert pair.joined() == [None, None]


def test_r37_a_webhook_for_the_session_of_the_partner_changes_nothing(world: World, pair: Pair) -> None:
    before = take_snapshot(world.table)
    crossed = {"id": f"{pair.ada.member_id}.{pair.of_ben['sessionId']}"}
    assert pair.send({**pair.event, "data": crossed}).status_code == 204
    assert take_snapshot(world.table) == before


def test_r37_a_webhook_larger_than_16_kib_is_refused(pair: Pair) -> None:
    assert pair.send({**pair.event, "more": "x" * 16 * 1024}).status_code == 413
    assert pair.joined() == [None, None]


def test_r37_without_a_secret_there_is_no_webhook(world: World, pair: Pair) -> None:
    world.context.settings = replace(world.context.settings, rooms=Rooms())
    response = pair.send()
    assert (response.status_code, response.json_body["code"]) == (404, "not_found")
    assert pair.joined() == [None, None]
