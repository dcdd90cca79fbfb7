"""The access of every kind of caller to every route of the app, and the same with mutants without one check.

The expected access is written here by rule, independent of the table of routes: GET needs a key of any scope and every
other method the scope `write`, except for the routes named below.
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
from chalicelib.handlers.http.identity.access import Access
from chalicelib.handlers.http.routes import ROUTES, UNKNOWN_PATH
from tests.handlers.all_routes import api, calls
from tests.handlers.callers import MEMBERS, SUSPENDED, UNAUTHENTICATED, AccessScenario, member
from tests.handlers.check_mutants import CHECKS, refusing_conditions, row, scope, without_check
from tests.harness import at
from tests.table_snapshot import take_snapshot

Route = tuple[str, str]


def with_head(routes: set[Route]) -> set[Route]:
    """Return the routes, and HEAD wherever there is GET."""
    return routes | {("HEAD", path) for method, path in routes if method == "GET"}


ALL = with_head(set(ROUTES))
# The signature of the room provider takes the place of credentials.
ROOM_WEBHOOK = ("POST", "/v1/rooms/joined")
# The tokens in the links of mails are the credentials of these links.
MAIL_LINKS = {(method, f"/n/{link}/{{token}}") for method in ("GET", "POST") for link in ("verify", "unsubscribe")}
PUBLIC = with_head(
    {("GET", path) for path in ("/health", "/docs", "/openapi.json", "/signed-in", "/c/{file}", "/v1/config")}
    | MAIL_LINKS
    | {ROOM_WEBHOOK},
)
# These need no credentials. Credentials that are sent must be valid.
OPTIONAL = {(method, "/i/{token}") for method in ("GET", "HEAD")}
BEARER_ONLY = with_head(
    {
        ("DELETE", "/v1/me"),
        ("GET", "/v1/me/access"),
        ("POST", "/v1/api-keys"),
        ("GET", "/v1/api-keys"),
        ("DELETE", "/v1/api-keys/{apiKeyId}"),
        ("POST", "/v1/calendar-feeds"),
        ("POST", "/v1/push-subscriptions"),
        ("DELETE", "/v1/push-subscriptions/{pushSubscriptionId}"),
        ("PATCH", "/v1/me/notices"),
        *((method, path) for method, path in ROUTES if path.startswith("/v1/webhooks")),
    }
)
EXPORTING = with_head(
    {("GET", path) for path in ("/v1/me/notices", "/v1/people", "/v1/push-subscriptions")}
    | {("GET", f"/v1/me/export{file}") for file in ("", "/calendar", "/sheet")}
)
# These exist for staff only. Every other valid credential gets 404 (R47).
STAFF = with_head({(method, path) for method, path in ROUTES if path.startswith("/v1/staff/")})
WRITING = {(method, path) for method, path in ROUTES if method != "GET"}
# The routes of what belongs to one member, which no other member may see or change.
OWNED_IDS = r"{(sessionId|inviteLinkId|apiKeyId|calendarFeedId|webhookId|pushSubscriptionId|repeatId)}"
OWNED = {(method, path) for method, path in ALL if re.search(OWNED_IDS, path)}
KEYS: dict[str, Callable[[AccessScenario], dict[str, str]]] = {
    "a key with the scope read": lambda scenario: scenario.key(Scope.READ),
    "a key with the scope export": lambda scenario: scenario.key(Scope.EXPORT),
    "a key with the scope write": lambda scenario: scenario.key(Scope.WRITE),
    "a key with the scope write and a valid token": lambda scenario: {**scenario.token(), **scenario.key(Scope.WRITE)},
}
LIMITED_TOKENS: dict[str, Callable[[AccessScenario], dict[str, str]]] = {
    "a token with the scope read": lambda scenario: scenario.token(scope="openid lockstep:read"),
    "a token with the scope export": lambda scenario: scenario.token(scope="lockstep:export"),
    "a token with the scope write": lambda scenario: scenario.token(scope="lockstep:write"),
    "a token for a client that may only read": lambda scenario: scenario.token(aud="reader", scope="lockstep:write"),
}
# A caller without valid credentials gets 401 on all but the public routes, and without credentials also reaches the
# optional ones. Only a key or a token with scopes gets 403.
FORBIDDEN = {
    "a key with the scope read": (WRITING | BEARER_ONLY | EXPORTING) - PUBLIC,
    "a key with the scope export": (WRITING | BEARER_ONLY) - PUBLIC,
    "a key with the scope write": BEARER_ONLY | EXPORTING,
    "a key with the scope write and a valid token": BEARER_ONLY | EXPORTING,
    "a token with the scope read": (WRITING | BEARER_ONLY | EXPORTING) - PUBLIC,
    "a token with the scope export": (WRITING | BEARER_ONLY) - PUBLIC,
    "a token with the scope write": BEARER_ONLY | EXPORTING,
    "a token for a client that may only read": (WRITING | BEARER_ONLY | EXPORTING) - PUBLIC,
}
AS_STAFF: dict[str, Callable[[AccessScenario], dict[str, str]]] = {
    "staff": lambda scenario: scenario.token("sol", groups=["members", "staff"])
}
# Tokens that come close to that of staff.
ALMOST_STAFF: dict[str, Callable[[AccessScenario], dict[str, str]]] = {
    "another group": lambda scenario: scenario.token(groups=["staff of another service", "Staff"]),
    "a text that contains the value": lambda scenario: scenario.token(groups="staffing"),
    "an object": lambda scenario: scenario.token(groups={"staff": True}),
    "another claim": lambda scenario: scenario.token(roles=["staff"]),
    "a group with scopes": lambda scenario: scenario.token(groups=["staff"], scope="lockstep:write"),
    "a group and a client that may only read": lambda scenario: scenario.token(groups=["staff"], aud="reader"),
}
OTHERS: dict[str, Callable[[AccessScenario], dict[str, str]]] = {
    name: lambda scenario, name=name: scenario.token(name) for name in MEMBERS
}
LIMITED = {**KEYS, **LIMITED_TOKENS}
CALLERS = {
    **UNAUTHENTICATED,
    **SUSPENDED,
    **LIMITED,
    **OTHERS,
    **AS_STAFF,
    "the member": lambda scenario: scenario.token(),
}
# One harmless route for each level of access.
PROBED = {("GET", "/v1/me"), ("PATCH", "/v1/me"), ("GET", "/v1/people"), ("GET", "/v1/api-keys")}


def expected(caller: str, route: Route) -> str:
    """Return the expected outcome of a caller's requests to a route."""
    if route == ROOM_WEBHOOK:
        # The deployment of these tests has no secret of a room provider.
        return "404"
    if caller in UNAUTHENTICATED:
        open_routes = PUBLIC | OPTIONAL if caller == "no credentials" else PUBLIC
        return "accepted" if route in open_routes else "401"
    if caller in SUSPENDED:
        return "accepted" if route in PUBLIC else "403"
    if route in STAFF:
        return "accepted" if caller in AS_STAFF else "404"
    if route in FORBIDDEN.get(caller, ()):
        return "403"
    return "404" if caller in {**OTHERS, **AS_STAFF} and route in OWNED else "accepted"


def outcome(statuses: set[int]) -> str:
    """Return one outcome for the statuses of several requests, or the statuses themselves if they differ."""
    if len(statuses) == 1 and statuses <= {401, 403, 404}:
        return str(next(iter(statuses)))
    return str(statuses) if statuses & {401, 403} or max(statuses) >= 500 else "accepted"


def check_outcomes(
    app: Chalice, scenario: AccessScenario, caller: str, headers: Mapping[str, str], routes: set[Route]
) -> None:
    """Call routes as one caller and compare the outcomes with the expected ones."""
    found = walk(app, scenario, headers, routes)
    wanted = {route: expected(caller, route) for route in routes}
    # An accepted request may also get 404 if its target does not exist.
    actual = {
        route: "accepted" if (wanted[route], outcome(statuses)) == ("accepted", "404") else outcome(statuses)
        for route, statuses in found.items()
    }
    assert (caller, actual) == (caller, wanted)


def walk(
    app: Chalice, scenario: AccessScenario, headers: Mapping[str, str], routes: set[Route]
) -> dict[Route, set[int]]:
    """Return the statuses of the routes' responses to a caller."""
    by_path = {path.format(**scenario.names): path for path in app.routes if path != UNKNOWN_PATH}
    found: dict[Route, set[int]] = {}
    with Client(app) as client:
        for method, target, body in calls(app, scenario.names):
            route = method, by_path[target.split("?")[0]]
            if route in routes:
                answer = call(client, method, target, headers, body)
                found.setdefault(route, set()).add(answer.status_code)
    return found


def call(client: Client, method: str, target: str, headers: Mapping[str, str], body: Any) -> HTTPResponse:
    """Send a request, and check that a refusal is a problem."""
    payload = b"" if body is None else json.dumps(body).encode()
    answer = client.http.request(method, target, headers={"Content-Type": "application/json", **headers}, body=payload)
    if answer.status_code in (401, 403):
        codes = {401: ("unauthenticated",), 403: ("forbidden", "suspended")}[answer.status_code]
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json_body["code"] in codes
    return answer


@pytest.mark.long  # Every kind of wrong token on every route.
def test_r35_a_caller_without_valid_credentials_gets_401_on_every_route_but_the_public_ones(
    scenario: AccessScenario,
) -> None:
    app = api(scenario.world)
    callers = {caller: headers(scenario) for caller, headers in UNAUTHENTICATED.items()}
    before = take_snapshot(scenario.world.table)
    for caller, headers in callers.items():
        check_outcomes(app, scenario, caller, headers, ALL)
    assert take_snapshot(scenario.world.table) == before


@pytest.mark.sampled(every=5)
@pytest.mark.parametrize(
    "caller",
    [
        "a key with the scope read",
        "a token for a client that may only read",
        pytest.param("a key with the scope export", marks=pytest.mark.long),
        pytest.param("a token with the scope read", marks=pytest.mark.long),
        pytest.param("a token with the scope export", marks=pytest.mark.long),
    ],
)
def test_r35_without_the_scope_write_a_caller_reads_and_writes_nothing(scenario: AccessScenario, caller: str) -> None:
    app, headers = api(scenario.world), LIMITED[caller](scenario)
    before = take_snapshot(scenario.world.table)
    check_outcomes(app, scenario, caller, headers, FORBIDDEN[caller])
    assert take_snapshot(scenario.world.table) == before
    # The first use of a day and kind is stored with the key. A refused request is no use.
    check_outcomes(app, scenario, caller, headers, {("GET", "/v1/me"), *EXPORTING - FORBIDDEN[caller]})
    before = take_snapshot(scenario.world.table)
    check_outcomes(app, scenario, caller, headers, ALL)
    assert take_snapshot(scenario.world.table) == before


@pytest.mark.long  # Every route, each with a new cast.
@pytest.mark.parametrize(
    "caller",
    ["a key with the scope write", "a key with the scope write and a valid token", "a token with the scope write"],
)
def test_r35_with_the_scope_write_a_caller_calls_every_route_but_the_bearer_only_ones(
    scenario: AccessScenario, caller: str
) -> None:
    check_outcomes(api(scenario.world), scenario, caller, LIMITED[caller](scenario), ALL)


def test_r35_a_member_may_call_every_route(scenario: AccessScenario) -> None:
    check_outcomes(api(scenario.world), scenario, "the member", scenario.token(), ALL)


@pytest.mark.sampled(every=4)
@pytest.mark.parametrize("caller", MEMBERS)
def test_r35_another_member_can_neither_see_nor_change_a_members_own_items(
    scenario: AccessScenario, caller: str
) -> None:
    member(scenario.world, caller)
    before = owned(scenario)
    check_outcomes(api(scenario.world), scenario, caller, scenario.token(caller), ALL)
    assert owned(scenario) == before


@pytest.mark.sampled(every=8)
@pytest.mark.parametrize("caller", SUSPENDED)
def test_r47_every_credential_of_a_suspended_member_is_refused_on_every_route(
    scenario: AccessScenario, caller: str
) -> None:
    app, headers = api(scenario.world), SUSPENDED[caller](scenario)
    before = take_snapshot(scenario.world.table)
    check_outcomes(app, scenario, caller, headers, ALL)
    assert take_snapshot(scenario.world.table) == before
    with Client(app) as client:
        answer = client.http.request("GET", "/v1/me", headers=headers)
    assert (answer.json_body["code"], answer.json_body["detail"]) == ("suspended", "Your account is suspended.")


def test_r47_staff_may_call_every_route(scenario: AccessScenario) -> None:
    before = owned(scenario)
    check_outcomes(api(scenario.world), scenario, "staff", AS_STAFF["staff"](scenario), ALL)
    assert owned(scenario) == before


@pytest.mark.parametrize("kind", ALMOST_STAFF)
def test_r47_the_routes_of_staff_do_not_exist_for_other_callers(scenario: AccessScenario, kind: str) -> None:
    app, headers = api(scenario.world), ALMOST_STAFF[kind](scenario)
    assert walk(app, scenario, headers, STAFF) == {route: {404} for route in STAFF}
    with Client(app) as client:
        answer = call(client, "GET", "/v1/staff/log", headers, None)
    assert (answer.json_body["code"], answer.json_body["detail"]) == ("not_found", "There is nothing at this path.")


def owned(scenario: AccessScenario) -> tuple[Any, ...]:
    """Return Olive's link, key and session. The session's partner may have been deleted by the calls."""
    snapshot = take_snapshot(scenario.world.table)
    links = {link.link_id: link.uses for link in snapshot.invites.values() if link.owner_id == scenario.olive.member_id}
    session = scenario.world.seen(scenario.olive, at(9))
    assert session
    return links, snapshot.listed_keys, (session["sessionId"], session["title"])


def is_killed(check_all: Callable[..., None], *arguments: Any) -> bool:
    """Return True if the checks fail on a mutant, or the mutant cannot be built."""
    try:
        check_all(*arguments)
    except (AssertionError, KeyError):
        return True
    return False


@pytest.mark.long  # Every route again without each of the checks.
def test_r35_the_tests_fail_without_any_of_the_checks(scenario: AccessScenario) -> None:
    app = api(scenario.world)
    killed, failed_before = set(), set()
    for check in CHECKS:
        with without_check(check) if check.prepares else nullcontext():
            headers = CALLERS[check.caller](scenario)
        arguments = app, scenario, check.caller, headers, check.routes or PROBED
        if not check.prepares and is_killed(check_outcomes, *arguments):
            failed_before.add(check.name)
        with without_check(check):
            if is_killed(check_outcomes, *arguments):
                killed.add(check.name)
    assert (failed_before, killed) == (set(), {check.name for check in CHECKS})


def test_r35_every_condition_that_refuses_a_caller_is_among_the_checks() -> None:
    named = {(check.function, check.expression) for check in CHECKS}
    assert set(refusing_conditions()) - named == set()


@pytest.mark.long  # Every route again for each changed row.
def test_r35_the_tests_fail_if_a_row_of_the_table_is_missing_or_has_another_access(scenario: AccessScenario) -> None:
    keys = {caller: headers(scenario) for caller, headers in KEYS.items()}
    weaker = {Access.BEARER_ONLY: Access.WRITE, Access.WRITE: Access.READ, Access.EXPORT: Access.READ}
    levels = {route: row.access for route, row in ROUTES.items()}
    # The mutant that lets a key delete the account runs last: later calls would be refused.
    last = ("DELETE", "/v1/me")
    rows = [*((route, access) for route, access in levels.items() if route != last), (last, levels[last])]
    mutants = [(route, other) for route, access in rows for other in (None, weaker.get(access, Access.WRITE))]

    def check_keys(route: Route) -> None:
        app = api(scenario.world)
        for caller, headers in keys.items():
            check_outcomes(app, scenario, caller, headers, {route})

    killed = []
    for route, other in mutants:
        with row(route, other):
            if is_killed(check_keys, route):
                killed.append((route, other))
    assert killed == mutants


@pytest.mark.sampled(every=4)
@pytest.mark.parametrize(
    ("access", "added"),
    [
        (Access.WRITE, Scope.READ),
        (Access.WRITE, Scope.EXPORT),
        (Access.EXPORT, Scope.READ),
        (Access.EXPORT, Scope.WRITE),
        (Access.BEARER_ONLY, Scope.READ),
        (Access.BEARER_ONLY, Scope.WRITE),
        (Access.BEARER_ONLY, Scope.EXPORT),
    ],
)
def test_r35_the_tests_fail_if_a_level_of_access_accepts_another_scope(
    scenario: AccessScenario, access: Access, added: Scope
) -> None:
    app, routes = api(scenario.world), PROBED
    caller = f"a key with the scope {added}"
    headers = KEYS[caller](scenario)
    check_outcomes(app, scenario, caller, headers, routes)
    with scope(access, added):
        assert is_killed(check_outcomes, app, scenario, caller, headers, routes)
