"""Fixtures of the handlers' tests."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from chalice.test import Client, HTTPResponse

from chalicelib.domain.model.member import Profile, RelationKind
from chalicelib.handlers.event_log import METRICS
from chalicelib.handlers.http.call import Call
from tests.handlers.all_routes import api, token
from tests.handlers.callers import AccessScenario, assemble, request
from tests.harness import TABLE, World, at

Lines = Callable[[], list[dict[str, Any]]]
Send = Callable[..., HTTPResponse]
SignIn = Callable[[str], Send]


@pytest.fixture
def lines(world: World) -> Lines:
    """Return the log lines since the last call. The stopwatch always shows 0."""
    logged: list[str] = []
    world.context.log = logged.append
    world.context.stopwatch = lambda: 0.0

    def read() -> list[dict[str, Any]]:
        found = [json.loads(line) for line in logged]
        logged.clear()
        return found

    return read


@pytest.fixture
def call(world: World) -> Call:
    """A request of a member for a list."""
    asked = request(resourcePath="/v1/people", requestId="one")
    return Call(world.context, asked, world.member("Ada"), world.context.clock)


@pytest.fixture
def scenario(world: World) -> AccessScenario:
    """Return Olive with a session, a link and a key, and the members around her."""
    return assemble(world)


@pytest.fixture
def sign_in(world: World) -> Iterator[SignIn]:
    """Return a function that signs in a member by name and returns a function that sends requests."""
    with Client(api(world)) as client:

        def sign(name: str) -> Send:
            headers = {"Authorization": f"Bearer {token(world, name)}", "Content-Type": "application/json"}

            def send(method: str, path: str, body: Any = None, **more: str) -> HTTPResponse:
                payload = b"" if body is None else json.dumps(body).encode()
                return client.http.request(method, path, headers={**headers, **more}, body=payload)

            return send

        yield sign


def metrics_of(line: dict[str, Any]) -> dict[str, Any]:
    """Return the metrics that CloudWatch extracts from a line."""
    if "_aws" not in line:
        return {}
    (declared,) = line["_aws"]["CloudWatchMetrics"]
    assert (declared["Namespace"], declared["Dimensions"], line["Table"]) == ("Lockstep", [["Table"]], TABLE)
    assert declared["Metrics"] == [{"Name": one["Name"], "Unit": METRICS[one["Name"]]} for one in declared["Metrics"]]
    return {one["Name"]: line[one["Name"]] for one in declared["Metrics"]}


def two_late_members(world: World) -> list[Profile]:
    """Let two members wait whose snooze has ended, the second for 30 seconds, and return them."""
    ada, ben = members = world.members("Ada", "Ben")
    world.say(ada, RelationKind.SNOOZE, ben, until=world.now + timedelta(seconds=20))
    world.book(ada, at(1))
    world.after(seconds=10).book(ben, at(1))
    world.after(seconds=30)
    return members
