"""Every credential of a suspended member on every route, on `/live`, and what is queued and scheduled (R47)."""

import base64
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from chalice.app import Chalice
from chalice.test import Client
from msgspec.structs import replace

from chalicelib.channels.bus import Bus
from chalicelib.channels.channels import Channels
from chalicelib.channels.queues import Queues
from chalicelib.domain.decisions.write_set import SETTLE
from chalicelib.domain.model.api_key import Scope
from chalicelib.domain.model.event import Event, EventKind
from chalicelib.domain.model.mail_tokens import unsubscribe_token, verification_token
from chalicelib.domain.model.notices import Channel, Delivery
from chalicelib.handlers.deliveries import email, live, push, webhook
from chalicelib.handlers.http.identity.tokens import verifier
from chalicelib.handlers.http.resources.room_events import JOINED
from chalicelib.handlers.http.routes import UNKNOWN_PATH
from chalicelib.handlers.live.live_socket import LiveSocket
from chalicelib.room_settings import RoomProvider, Rooms
from chalicelib.services.jobs import run_jobs
from chalicelib.services.notices.notice_settings import NoticesChange, change_notices
from chalicelib.services.rooms.room import room_name
from tests.channels.receiver import Receiver
from tests.handlers.all_routes import JWKS, api, calls
from tests.handlers.callers import AccessScenario
from tests.handlers.live.open_page import OpenPage
from tests.harness import World, at
from tests.live_gateway import LiveGateway
from tests.outbox import Outbox, connect_outbox
from tests.repeat_run import run_schedule
from tests.staff_acts import lift, suspend
from tests.table_snapshot import read_whole_table

ADDRESS = "olive@example.org"
# A method, a path with its query, and a body.
Request = tuple[str, str, Any]
SECRET = "a secret of the provider with 40 letters"
HTML = {"Accept": "text/html,application/xhtml+xml"}
SLOT = at(9)
# These routes belong to no member, so each answers every caller as one without credentials.
INDIFFERENT = ("/health", "/docs", "/openapi.json", "/signed-in", "/v1/config")
ROOM_WEBHOOK = "/v1/rooms/joined"


class Surroundings(NamedTuple):
    """Stand-ins for what a deployment sends to, and the socket of live connections."""

    outbox: Outbox
    receiver: Receiver
    gateway: LiveGateway
    socket: LiveSocket


@pytest.fixture
def surroundings(world: World) -> Iterator[Surroundings]:
    with Receiver() as receiver:
        no_queues = Queues({}, lambda: None)
        world.context.channels = Channels(queues=no_queues, bus=Bus("", lambda: None), http=receiver.client())
        gateway = world.context.channels.live = LiveGateway()
        rooms = Rooms(RoomProvider.LINK, "https://rooms.example", webhook_secret=SECRET)
        world.context.settings = replace(world.context.settings, rooms=rooms)
        socket = LiveSocket(world.context, verifier(world.settings, fetch=lambda _: JWKS))
        yield Surroundings(connect_outbox(world), receiver, gateway, socket)


def credentials(scenario: AccessScenario) -> dict[str, dict[str, str]]:
    """Return the headers with Olive's credentials of every kind that a request may have."""
    return {
        "token": scenario.token(),
        "token of staff": scenario.token(groups=["staff"]),
        "token that may read": scenario.token(scope="openid lockstep:read"),
        "token that may export": scenario.token(scope="lockstep:export"),
        "token that may write": scenario.token(scope="lockstep:write"),
        "token of a client that may only read": scenario.token(aud="reader"),
        **{f"key that may {scope}": scenario.key(scope) for scope in Scope},
        "key and token": {**scenario.token(), **scenario.key(Scope.WRITE)},
    }


def addresses(scenario: AccessScenario) -> dict[str, str]:
    """Return the secret tokens in addresses that belong to Olive, by the beginnings of their paths."""
    olive, key = scenario.olive.member_id, scenario.world.settings.identity_key
    change_notices(scenario.world.context, olive, NoticesChange(address=ADDRESS, verified_address=ADDRESS))
    return {
        "/i/": scenario.names["token"],
        "/c/": "",
        "/n/verify/": verification_token(key, olive, ADDRESS, scenario.world.now),
        "/n/unsubscribe/": unsubscribe_token(key, olive, ADDRESS),
    }


def every_call(app: Chalice, scenario: AccessScenario, secrets: dict[str, str]) -> list[Request]:
    """Return calls of all routes of the app about Olive's own items, with the secret of each kind of address."""

    def addressed(target: str) -> str:
        secret = next((secret for beginning, secret in secrets.items() if target.startswith(beginning)), "")
        return target.replace("SECRET", secret)

    found = [
        (method, addressed(target), body) for method, target, body in calls(app, {**scenario.names, "token": "SECRET"})
    ]
    methods = [method for path in app.routes.keys() - {UNKNOWN_PATH} for method in app.routes[path]]
    assert len({(method, target) for method, target, _ in found}) == len(methods) - methods.count("OPTIONS")
    return found


def answers(app: Chalice, requests: list[Request], headers: dict[str, str]) -> dict[str, tuple[int, str | None]]:
    """Return the status and the code of each answer, by method and path."""
    found = {}
    with Client(app) as client:
        for method, target, body in requests:
            payload = b"" if body is None else json.dumps(body).encode()
            sent = {"Content-Type": "application/json", **headers}
            answer = client.http.request(method, target, headers=sent, body=payload)
            is_problem = answer.headers.get("Content-Type") == "application/problem+json" and answer.body
            name = f"{method} {target.partition('?')[0]}"
            found[name] = answer.status_code, answer.json_body["code"] if is_problem else None
    return found


def report_of_a_join(scenario: AccessScenario, room: str) -> tuple[bytes, dict[str, str]]:
    """Return the signed webhook of a room provider that reports Olive's join."""
    joined = {
        "eventType": JOINED,
        "sessionId": "the provider's own",
        "timestamp": 1602841728124,
        "fqn": f"tenant/{room}",
        "data": {"id": f"{scenario.olive.member_id}.{scenario.names['sessionId']}", "name": "Olive"},
    }
    body, timestamp = json.dumps(joined).encode(), str(int(scenario.world.now.timestamp()))
    digest = base64.b64encode(hmac.digest(SECRET.encode(), f"{timestamp}.".encode() + body, "sha256")).decode()
    return body, {"Content-Type": "application/json", "X-Jaas-Signature": f"t={timestamp},v1={digest}"}


def deliver_all(scenario: AccessScenario, kind: EventKind) -> None:
    """Deliver what waits in the queues of all channels for Olive."""
    context, names = scenario.world.context, scenario.names
    event = Event("evt_1", kind, scenario.olive.member_id, scenario.world.now, SLOT, names["sessionId"])
    email.deliver(context, Delivery(Channel.EMAIL, event))
    push.deliver(context, Delivery(Channel.PUSH, event, names["pushSubscriptionId"]))
    webhook.deliver(context, Delivery(Channel.WEBHOOK, event, names["webhookId"]))
    live.deliver(context, Delivery(Channel.LIVE, event), lambda: datetime.now(UTC))


def addresses_are_refused(app: Chalice, scenario: AccessScenario, requests: list[Request]) -> None:
    """Check what belongs to Olive by its address alone, for every visitor and as a page."""
    for headers in ({}, HTML, scenario.token("a former partner"), {**HTML, **scenario.token("the partner")}):
        found = answers(app, requests, headers)
        if not any(name == "Authorization" for name in headers):
            found = {name: answer for name, answer in found.items() if not name.startswith("POST /i/")}
        assert {status for status, _ in found.values()} == {403}, (headers, found)


@pytest.mark.long  # Every credential on every route.
def test_r47_no_credential_of_a_suspended_member_is_accepted_and_nothing_is_stored(
    surroundings: Surroundings, scenario: AccessScenario
) -> None:
    world, app = scenario.world, api(scenario.world)
    before_suspension, secrets = credentials(scenario), addresses(scenario)
    page = OpenPage(surroundings.socket, surroundings.gateway, "one")
    authorization = scenario.token()["Authorization"].removeprefix("Bearer ")
    opening = json.dumps({"token": authorization})
    assert [message["type"] for message in page.say(opening)] == ["ready"]
    requests = every_call(app, scenario, secrets)
    room = room_name(
        world.settings.identity_key, (world.seen(scenario.olive, SLOT) or {})["roomUrl"].rpartition("/")[2]
    )
    # The session has begun, so the suspension does not cancel it.
    world.now = SLOT.start + timedelta(minutes=1)
    suspend(world, scenario.olive)
    world.now += SETTLE
    run_jobs(world.context)
    # A key cannot be made now, so the later ones are tokens.
    later = {f"later {kind}": scenario.token(**claims) for kind, claims in LATER_TOKENS.items()}
    stored = read_whole_table(world.table)

    anonymous = answers(app, requests, {})
    for kind, headers in {**before_suspension, **later}.items():
        for name, (status, code) in answers(app, requests, headers).items():
            path = name.partition(" ")[2]
            if path in INDIFFERENT:
                assert (kind, name, status) == (kind, name, anonymous[name][0])
            elif path == ROOM_WEBHOOK:
                assert (kind, status) == (kind, 401)
            else:
                assert (kind, name, status, code) == (kind, name, 403, "suspended")
    addresses_are_refused(app, scenario, [request for request in requests if request[1].startswith(tuple(secrets))])

    assert not page.is_open
    assert page.say('{"type": "ping"}') == []
    again = OpenPage(surroundings.socket, surroundings.gateway, "two")
    (problem,) = again.say(opening)
    assert (problem["code"], again.is_open) == ("suspended", False)

    body, headers = report_of_a_join(scenario, room)
    with Client(app) as client:
        assert client.http.post(ROOM_WEBHOOK, body=body, headers=headers).status_code < 300
    deliver_all(scenario, EventKind.LOCKED_IN)
    run_schedule(world)
    assert (surroundings.outbox.sent, surroundings.receiver.received) == ([], [])
    assert read_whole_table(world.table) == stored


LATER_TOKENS: dict[str, dict[str, Any]] = {
    "token": {},
    "token of staff": {"groups": ["staff"]},
    "token that may write": {"scope": "lockstep:write"},
    "token of a client that may only read": {"aud": "reader"},
}


@pytest.mark.long  # The same with a member who is not suspended.
def test_r47_all_of_it_is_accepted_again_after_the_suspension(
    surroundings: Surroundings, scenario: AccessScenario
) -> None:
    """So the test above refuses for no other reason."""
    world, app = scenario.world, api(scenario.world)
    secrets = addresses(scenario)
    suspend(world, scenario.olive)
    lift(world, scenario.olive)
    requests = [one for one in every_call(app, scenario, secrets) if one[0] == "GET"]
    found = answers(app, requests, scenario.token())
    assert {name: answer for name, answer in found.items() if answer[1] == "suspended"} == {}
    for path in secrets:
        assert {status for name, (status, _) in found.items() if name.startswith(f"GET {path}")} == {200}, path
    # The session is cancelled, so no mail says that it is locked in.
    for kind in (EventKind.CANCELLED, EventKind.LOCKED_IN):
        deliver_all(scenario, kind)
    assert len(surroundings.outbox.sent) == 1
    assert sorted(one.line.split(" ")[1] for one in surroundings.receiver.received) == ["/in", "/push"]
