"""R11 over every route: from outside, one hidden reason cannot be told from another.

The walk calls every route that the app has, for a target whom the caller cannot lock for one reason and then for
another. Answers must be the same byte for byte, and so must be the sequence of requests to the table. A route that the
walk does not know how to call fails it: a new one is covered as soon as it is there.
"""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

import jwt
import pytest
from chalice.app import Chalice
from chalice.test import Client
from cryptography.hazmat.primitives.asymmetric import ec

from bench.ledger import Entry, Ledger
from chalicelib.domain.member import Availability, Gender, PartnerGender, Profile, Said
from chalicelib.handlers.compose import register_routes
from chalicelib.handlers.tokens import KeySet, TokenVerifier
from chalicelib.services.profiles import Claims, admit
from chalicelib.storage.connection import connection
from tests.world import MONDAY, World, at

NINE, LATER = at(1), at(3)
NAMES = ("caller", "target")
KEY = ec.generate_private_key(ec.SECP256R1())
JWK = {**jwt.algorithms.ECAlgorithm.to_jwk(KEY.public_key(), as_dict=True), "kid": "one", "alg": "ES256"}


def no_one(world: World, _caller: Profile, target: Profile) -> None:
    world.set(target, availability=Availability.NO_ONE)


def not_favorited_back(world: World, _caller: Profile, target: Profile) -> None:
    world.set(target, availability=Availability.FAVORITES)


def blocked(world: World, caller: Profile, target: Profile) -> None:
    world.say(target, Said.BLOCK, caller)


def snoozed(world: World, caller: Profile, target: Profile) -> None:
    world.say(target, Said.SNOOZE, caller, until=MONDAY + timedelta(days=9))


def gender(world: World, _caller: Profile, target: Profile) -> None:
    world.set(target, gender=Gender.WOMAN, partner_gender=PartnerGender.SAME)


def final(world: World, _caller: Profile, _target: Profile) -> None:
    world.book(world.member("Third"), NINE)


REASONS = [no_one, not_favorited_back, blocked, snoozed, gender, final]


def api(world: World) -> Chalice:
    """The app as it is deployed, on the test's table, clock and issuer."""
    app = Chalice(app_name="lockstep")
    keys = KeySet(lambda: {"keys": [JWK]}, clock=lambda: 0)
    verifier = TokenVerifier(world.settings.issuer, world.settings.audience, keys, clock=lambda: datetime.now(UTC))
    register_routes(app, world.lockstep, verifier)
    return app


def token(world: World) -> str:
    now = datetime.now(UTC)
    claims = {"iss": world.settings.issuer, "aud": world.settings.audience, "sub": "caller", "iat": now}
    return jwt.encode({**claims, "exp": now + timedelta(hours=1)}, KEY, algorithm="ES256", headers={"kid": "one"})


def calls(app: Chalice, names: dict[str, str]) -> list[tuple[str, str, Any]]:
    """A call of every method of every route: reads first, then what writes; those that end something last.

    `names` fills the parameters of paths.
    """
    target = names["userId"]
    booking = {"startTime": NINE.start.isoformat(), "duration": 3000000, "partnerId": target}
    elsewhere = {**booking, "startTime": LATER.start.isoformat(), "locked": False}
    until = (MONDAY + timedelta(days=3)).isoformat()
    bodies: dict[tuple[str, str], list[Any]] = {
        ("POST", "/v1/sessions"): [booking, {**booking, "replace": True}, elsewhere],
        ("POST", "/v1/sessions/batch"): [{"sessions": [booking, {**elsewhere, "startTime": at(7).start.isoformat()}]}],
        ("POST", "/v1/invite-links"): [{"maxUses": 3}],
        ("POST", "/i/{token}"): [{"startTime": booking["startTime"], "duration": 3000000}],
        ("PATCH", "/v1/me"): [{"quietMode": True}],
        ("PATCH", "/v1/sessions/{sessionId}"): [{"title": "New"}],
        ("PUT", "/v1/people/{userId}/snooze"): [{"until": until}],
    }
    order = ["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE"]
    found = []
    for path, methods in app.routes.items():
        for method in methods:
            if method == "OPTIONS":
                continue
            for body in bodies.get((method, path), [None]):
                assert set(re.findall(r"{(\w+)}", path)) <= set(names), f"the walk does not know how to call {path}"
                filled = path.format(**names)
                assert body or method not in {"POST", "PATCH"}, f"the walk has no body for {method} {path}"
                found.append((method, f"{filled}?start={MONDAY.isoformat()}&end={LATER.end.isoformat()}", body))
    return sorted(found, key=lambda call: (order.index(call[0]), call[1].startswith("/v1/me?"), call[1]))


def told(body: str) -> str:
    """An answer without what differs between any two requests: its own id, and the ids that are drawn by chance."""
    body = re.sub(r'"instance":\s*"[^"]*"', '"instance": "..."', body)
    body = re.sub(r"\d{8}-[0-9a-z]{16}-[0-9a-z]{6}", "<session>", body)
    return re.sub(r"[0-9a-z]{16}-[0-9a-z]{6}|(?<=/i/)[0-9a-z]{26}", "<link>", body)


def asked(entry: Entry) -> list[list[tuple[str, int]]]:
    """The sequence of requests to the table; those that went out side by side have no order among themselves."""
    runs = groupby(entry.requests, key=lambda request: request.aside or request)
    return [sorted(request.shape for request in run) for _, run in runs]


def walk(world: World, reason: Callable[[World, Profile, Profile], None]) -> list[tuple[Any, ...]]:
    """Everything the caller is told on every route, and what the table is asked for it."""
    world.clear()
    world.now = MONDAY
    issuer = world.settings.issuer
    caller, target = (
        admit(world.lockstep, Claims(issuer, name, name, None, "UTC", MONDAY)) for name in ("caller", "target")
    )
    world.favorite(caller, target)
    world.book(target, NINE)
    session = world.book(caller, at(5))["sessionId"]
    # What an own link answers does not depend on the target; by a link of the target's the target consents (R26).
    own_link = world.invite(caller)
    (listed,) = world.links(caller)
    names = {"userId": target.member_id, "sessionId": session, "token": own_link, "inviteLinkId": listed.link_id}
    reason(world, caller, target)
    world.now = NINE.start - timedelta(minutes=5)
    app = api(world)
    headers = {"Authorization": f"Bearer {token(world)}", "Content-Type": "application/json"}
    answers: list[tuple[Any, ...]] = []
    with Client(app) as client, Ledger(connection().client) as ledger:
        for method, path, body in calls(app, names):
            with ledger.entry(path) as entry:
                payload = b"" if body is None else json.dumps(body).encode()
                answer = client.http.request(method, path, headers=headers, body=payload)
            answers.append((method, path, answer.status_code, told(answer.body.decode()), answer.headers, asked(entry)))
    return [(*answer[:1], told(answer[1]), *answer[2:]) for answer in answers]


@pytest.fixture
def first(world: World) -> list[tuple[Any, ...]]:
    """What the caller is told where the target lets nobody lock."""
    return walk(world, no_one)


@pytest.mark.parametrize("reason", REASONS[1:], ids=lambda reason: reason.__name__)
def test_r11_one_reason_cannot_be_told_from_another_on_any_route(
    world: World, first: list[tuple[Any, ...]], reason: Callable[[World, Profile, Profile], None]
) -> None:
    for one, other in zip(first, walk(world, reason), strict=True):
        assert one == other


def test_r11_the_walk_would_notice_a_difference(world: World, first: list[tuple[Any, ...]]) -> None:
    def nothing(_world: World, _caller: Profile, _target: Profile) -> None:
        """The target may be locked."""

    assert first != walk(world, nothing)
    assert {answer[2] for answer in first} == {200, 201, 204, 409}
