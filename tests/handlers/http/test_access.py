"""Who may call what: every route that the app has, by every kind of caller; and again with each check taken away.

The expectation is written down here once more and by rule, so that an entry of the table that says something else is
found: GET is for whoever may look, every other method for whoever may change, but for the few routes named below.
"""

import json
import re
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any

import pytest
from chalice.app import Chalice
from chalice.test import Client, HTTPResponse

from chalicelib.domain.model.api_key import Scope
from chalicelib.handlers.http.access import Access
from chalicelib.handlers.http.routes import ROUTES
from tests.handlers.all_routes import api, calls
from tests.handlers.callers import MEMBERS, NOBODY, Cast, member
from tests.handlers.check_mutants import CHECKS, refusing_parts, replaced, row, scope
from tests.harness import World, at
from tests.table_snapshot import take_snapshot

Route = tuple[str, str]

OPEN = {(method, path) for method in ("GET", "HEAD") for path in ("/health", "/docs", "/openapi.json", "/i/{token}")}
BEARER_ONLY = {
    ("DELETE", "/v1/me"),
    ("POST", "/v1/api-keys"),
    ("GET", "/v1/api-keys"),
    ("DELETE", "/v1/api-keys/{apiKeyId}"),
}
CHANGING = {(method, path) for method, path in ROUTES if method not in ("GET", "HEAD")}
# What belongs to one member, and is nobody else's to see or to change.
OWNED = {(method, path) for method, path in ROUTES if re.search(r"{(sessionId|inviteLinkId|apiKeyId)}", path)}
KEYS: dict[str, Callable[[Cast], dict[str, str]]] = {
    "a key that may read": lambda cast: cast.key(Scope.READ),
    "a key that may write": lambda cast: cast.key(Scope.WRITE),
    "a key that may write, and a good token": lambda cast: {**cast.token(), **cast.key(Scope.WRITE)},
}
# Whoever is nobody gets 401 on all but the open routes, and nobody but a key 403.
FORBIDDEN = {
    "a key that may read": (CHANGING | BEARER_ONLY) - OPEN,
    "a key that may write": BEARER_ONLY,
    "a key that may write, and a good token": BEARER_ONLY,
}
OTHERS: dict[str, Callable[[Cast], dict[str, str]]] = {
    name: lambda cast, name=name: cast.token(name) for name in MEMBERS
}
CALLERS = {**NOBODY, **KEYS, **OTHERS, "the member": lambda cast: cast.token()}
# One route for each kind of access, on which nothing is changed that matters.
PROBED = {("GET", "/v1/me"), ("PATCH", "/v1/me"), ("GET", "/v1/api-keys")}


def expected(caller: str, route: Route) -> str:
    """What comes of a caller's requests to a route."""
    if caller in NOBODY:
        return "let in" if route in OPEN else "401"
    if route in FORBIDDEN.get(caller, ()):
        return "403"
    return "not there" if caller in OTHERS and route in OWNED else "let in"


def verdict(statuses: set[int]) -> str:
    """What came of them: one word for all, or what they were answered."""
    if len(statuses) == 1 and statuses <= {401, 403, 404}:
        return {401: "401", 403: "403", 404: "not there"}[next(iter(statuses))]
    return str(statuses) if statuses & {401, 403} or max(statuses) >= 500 else "let in"


def judge(app: Chalice, cast: Cast, caller: str, headers: Mapping[str, str], routes: set[Route]) -> None:
    """Call routes as somebody; each lets in whom it should, and refuses the others as it should."""
    found = walk(app, cast, headers, routes)
    wanted = {route: expected(caller, route) for route in routes}
    # Whatever a route has to say to whoever was let in, it may also be that something is not there.
    heard = {
        route: "let in" if (wanted[route], verdict(statuses)) == ("let in", "not there") else verdict(statuses)
        for route, statuses in found.items()
    }
    assert (caller, heard) == (caller, wanted)


def walk(app: Chalice, cast: Cast, headers: Mapping[str, str], routes: set[Route]) -> dict[Route, set[int]]:
    """The statuses of routes' answers to a caller."""
    by_path = {path.format(**cast.names): path for path in app.routes}
    found: dict[Route, set[int]] = {}
    with Client(app) as client:
        for method, target, body in calls(app, cast.names):
            route = method, by_path[target.split("?")[0]]
            if route in routes:
                answer = call(client, method, target, headers, body)
                found.setdefault(route, set()).add(answer.status_code)
    return found


def call(client: Client, method: str, target: str, headers: Mapping[str, str], body: Any) -> HTTPResponse:
    """An answer; whatever is refused is told as a problem."""
    payload = b"" if body is None else json.dumps(body).encode()
    answer = client.http.request(method, target, headers={"Content-Type": "application/json", **headers}, body=payload)
    if answer.status_code in (401, 403):
        code = {401: "unauthenticated", 403: "forbidden"}[answer.status_code]
        assert (answer.headers["Content-Type"], answer.json_body["code"]) == ("application/problem+json", code)
    return answer


def test_r35_the_table_of_routes_has_every_route_and_no_other(world: World) -> None:
    app = api(world)
    routes = {(method, path) for path, methods in app.routes.items() for method in methods if method != "OPTIONS"}
    assert routes == set(ROUTES)


@pytest.mark.long  # Every kind of wrong token on every route.
def test_r35_who_is_nobody_gets_401_on_every_route_but_the_open_ones(cast: Cast) -> None:
    app = api(cast.world)
    callers = {caller: headers(cast) for caller, headers in NOBODY.items()}
    before = take_snapshot(cast.world.table)
    for caller, headers in callers.items():
        judge(app, cast, caller, headers, set(ROUTES))
    assert take_snapshot(cast.world.table) == before


def test_r35_a_key_that_may_read_looks_and_changes_nothing(cast: Cast) -> None:
    app, caller, headers = api(cast.world), "a key that may read", cast.key(Scope.READ)
    before = take_snapshot(cast.world.table)
    judge(app, cast, caller, headers, FORBIDDEN[caller])
    assert take_snapshot(cast.world.table) == before
    # The first use of a day is noted with the key; what was refused was none.
    judge(app, cast, caller, headers, {("GET", "/v1/me")})
    before = take_snapshot(cast.world.table)
    judge(app, cast, caller, headers, set(ROUTES))
    assert take_snapshot(cast.world.table) == before


@pytest.mark.long  # Every route, each with a new cast.
@pytest.mark.parametrize("caller", ["a key that may write", "a key that may write, and a good token"])
def test_r35_a_key_that_may_write_does_all_but_what_takes_its_owner_in_person(cast: Cast, caller: str) -> None:
    judge(api(cast.world), cast, caller, KEYS[caller](cast), set(ROUTES))


def test_r35_a_member_may_call_every_route(cast: Cast) -> None:
    judge(api(cast.world), cast, "the member", cast.token(), set(ROUTES))


@pytest.mark.parametrize("caller", MEMBERS)
def test_r35_nobody_else_gets_at_what_is_a_members_own(cast: Cast, caller: str) -> None:
    """What is not the caller's is not there, for whoever it is; the sessions, links and keys are as they were."""
    member(cast.world, caller)
    before = owned(cast)
    judge(api(cast.world), cast, caller, cast.token(caller), set(ROUTES))
    assert owned(cast) == before


def owned(cast: Cast) -> tuple[Any, ...]:
    """Olive's link and key, and that she still has her session; its partner may have cancelled the account."""
    seen = take_snapshot(cast.world.table)
    links = {link.link_id: link.uses for link in seen.invites.values() if link.owner_id == cast.olive.member_id}
    held = cast.world.seen(cast.olive, at(9))
    assert held
    return links, seen.listed_keys, (held["sessionId"], held["title"])


def is_noticed(judged: Callable[..., None], *given: Any) -> bool:
    """Whether a judge finds something wrong, or the app can't even be put together."""
    try:
        judged(*given)
    except (AssertionError, KeyError):
        return True
    return False


@pytest.mark.long  # Every route again without each of the checks.
def test_r35_no_check_can_be_taken_away_unnoticed(cast: Cast) -> None:
    app = api(cast.world)
    noticed, noticed_before = set(), set()
    for check in CHECKS:
        with replaced(check) if check.prepares else nullcontext():
            headers = CALLERS[check.caller](cast)
        judged = app, cast, check.caller, headers, check.routes or PROBED
        if not check.prepares and is_noticed(judge, *judged):
            noticed_before.add(check.name)
        with replaced(check):
            if is_noticed(judge, *judged):
                noticed.add(check.name)
    assert (noticed_before, noticed) == (set(), {check.name for check in CHECKS})


def test_r35_every_part_of_what_refuses_callers_is_among_the_checks() -> None:
    named = {(check.function, check.expression) for check in CHECKS}
    assert set(refusing_parts()) - named == set()


@pytest.mark.long  # Every route again for each changed row.
def test_r35_no_row_of_the_table_of_routes_can_go_or_name_another_access_unnoticed(cast: Cast) -> None:
    keys = {caller: headers(cast) for caller, headers in KEYS.items()}
    weaker = {Access.BEARER_ONLY: Access.WRITE, Access.WRITE: Access.READ}
    levels = {route: row.access for route, row in ROUTES.items()}
    # Once a key may delete the account, no later call is let in.
    last = ("DELETE", "/v1/me")
    rows = [*((route, access) for route, access in levels.items() if route != last), (last, levels[last])]
    mutants = [(route, other) for route, access in rows for other in (None, weaker.get(access, Access.WRITE))]

    def judged(route: Route) -> None:
        app = api(cast.world)
        for caller, headers in keys.items():
            judge(app, cast, caller, headers, {route})

    noticed = []
    for route, other in mutants:
        with row(route, other):
            if is_noticed(judged, route):
                noticed.append((route, other))
    assert noticed == mutants


@pytest.mark.parametrize(
    ("access", "added"),
    [(Access.WRITE, Scope.READ), (Access.BEARER_ONLY, Scope.READ), (Access.BEARER_ONLY, Scope.WRITE)],
)
def test_r35_no_scope_can_be_let_in_where_it_may_not_call(cast: Cast, access: Access, added: Scope) -> None:
    app, routes = api(cast.world), PROBED
    caller = f"a key that may {added}"
    headers = KEYS[caller](cast)
    judge(app, cast, caller, headers, routes)
    with scope(access, added):
        assert is_noticed(judge, app, cast, caller, headers, routes)
