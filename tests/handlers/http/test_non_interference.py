"""Tests on every route that a caller cannot distinguish the hidden reasons of R11.

The walk calls every route of the app for a target that the caller cannot lock, once for each reason. The responses and
the sequences of requests to the table must be equal. A new route without a call in `calls` fails the walk.
"""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from chalice.test import Client

from bench.request_units import Entry, RequestUnitLedger
from chalicelib.domain.model.api_key import Scope
from chalicelib.domain.model.member import Availability, Gender, PartnerGender, Profile, RelationKind
from chalicelib.services.members.profiles import Claims, get_or_create_member
from tests.handlers.all_routes import NINE, api, calls, token
from tests.harness import MONDAY, World, at


def no_one(world: World, _caller: Profile, target: Profile) -> None:
    world.set(target, availability=Availability.NO_ONE)


def not_favorited_back(world: World, _caller: Profile, target: Profile) -> None:
    world.set(target, availability=Availability.FAVORITES)


def blocked(world: World, caller: Profile, target: Profile) -> None:
    world.say(target, RelationKind.BLOCK, caller)


def snoozed(world: World, caller: Profile, target: Profile) -> None:
    world.say(target, RelationKind.SNOOZE, caller, until=MONDAY + timedelta(days=9))


def gender(world: World, _caller: Profile, target: Profile) -> None:
    world.set(target, gender=Gender.WOMAN, partner_gender=PartnerGender.SAME)


def final(world: World, _caller: Profile, _target: Profile) -> None:
    world.book(world.member("Third"), NINE)


REASONS = [no_one, not_favorited_back, blocked, snoozed, gender, final]
# These hide the target's hours from the panel, as if the target booked nothing (R10).
HIDING = [blocked, snoozed]


def normalized(body: str) -> str:
    """Replace what differs between any two requests, which are the request id and the random ids."""
    body = re.sub(r'"instance":\s*"[^"]*"', '"instance": "..."', body)
    body = re.sub(r"\d{8}-[0-9a-z]{16}-[0-9a-z]{6}", "<session>", body)
    return re.sub(r"[0-9a-z]{16}-[0-9a-z]{6}|(?<=/i/)[0-9a-z]{26}|lockstep_[0-9a-z]{26}", "<secret or its id>", body)


def table_requests(entry: Entry) -> list[tuple[str, int]]:
    """Return the requests to the table, sorted, since parallel requests have no order."""
    return sorted(request.shape for request in entry.requests)


def walk(world: World, reason: Callable[[World, Profile, Profile], None]) -> list[tuple[Any, ...]]:
    """Return the responses of every route and their requests to the table."""
    world.clear()
    world.now = MONDAY
    issuer = world.settings.issuer
    caller, target = (
        get_or_create_member(world.context, Claims(issuer, name, name, None, "UTC", MONDAY))
        for name in ("caller", "target")
    )
    world.favorite(caller, target)
    world.book(target, NINE)
    session = world.book(caller, at(5))["sessionId"]
    # The caller's own link does not depend on the target. With a link of its own, the target would consent (R26).
    own_link = world.invite(caller)
    (listed,) = world.links(caller)
    names = {"userId": target.member_id, "sessionId": session, "token": own_link, "inviteLinkId": listed.link_id}
    names["apiKeyId"] = world.api_key(caller, Scope.READ).key.key_id
    reason(world, caller, target)
    world.now = NINE.start - world.settings.final
    app = api(world)
    headers = {"Authorization": f"Bearer {token(world, 'caller')}", "Content-Type": "application/json"}
    answers: list[tuple[Any, ...]] = []
    with Client(app) as client, RequestUnitLedger(world.table.connection.client) as ledger:
        for method, path, body in calls(app, names):
            with ledger.entry(path) as entry:
                payload = b"" if body is None else json.dumps(body).encode()
                answer = client.http.request(method, path, headers=headers, body=payload)
            body_text, requests = normalized(answer.body.decode()), table_requests(entry)
            answers.append((method, normalized(path), answer.status_code, body_text, answer.headers, requests))
    return answers


@pytest.fixture
def first(world: World) -> list[tuple[Any, ...]]:
    """Return the walk for a target whose availability is `no_one`."""
    return walk(world, no_one)


# Each walk calls every route.
SHARE = [REASONS[1], *(pytest.param(reason, marks=pytest.mark.long) for reason in REASONS[2:])]


@pytest.mark.parametrize("reason", SHARE, ids=lambda reason: reason.__name__)
def test_r11_every_reason_gives_the_same_responses_on_every_route(
    world: World, first: list[tuple[Any, ...]], reason: Callable[[World, Profile, Profile], None]
) -> None:
    for one, other in zip(first, walk(world, reason), strict=True):
        if reason in HIDING and other[1].startswith("/v1/calendar"):
            assert (other[3], other[5]) == ('{"slots":[]}', one[5])
        else:
            assert one == other


def test_r11_the_walk_distinguishes_a_target_that_can_be_locked(world: World, first: list[tuple[Any, ...]]) -> None:
    def no_reason(_world: World, _caller: Profile, _target: Profile) -> None:
        """Leave the target available."""

    assert first != walk(world, no_reason)
    assert {answer[2] for answer in first} == {200, 201, 204, 409}
