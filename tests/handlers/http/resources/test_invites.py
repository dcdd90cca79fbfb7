"""Tests of the views of invite links. pages/test_html_page.py tests the page of a link."""

from collections.abc import Iterator
from itertools import cycle

import pytest
from chalice.app import Chalice, Request
from chalice.test import Client, HTTPResponse
from msgspec.structs import replace

from bench.request_units import RequestUnitLedger
from chalicelib.handlers.http.identity.tokens import verifier
from chalicelib.handlers.http.registration import register_routes
from chalicelib.handlers.http.resources.invites import address
from tests.handlers.all_routes import api, token
from tests.handlers.callers import member
from tests.harness import World, at

NINE = at(1)
UNLISTED = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
VISITORS = (
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "facebookexternalhit/1.1",
    "TelegramBot (like TwitterBot)",
    "WhatsApp/2.23",
    "Mozilla/5.0 (compatible; MSIE 10.0; mail scanner)",
    "",
)


@pytest.fixture
def visitor(world: World) -> Iterator[Client]:
    """Return a client without credentials."""
    app = Chalice(app_name="lockstep-tests")
    register_routes(app, world.context, verifier(world.settings))
    with Client(app) as client:
        yield client


def look(visitor: Client, token: str, method: str = "GET", **headers: str) -> HTTPResponse:
    return visitor.http.request(method, f"/i/{token}", headers=headers)


def test_r27_a_link_shows_its_owners_name_and_picture_and_the_free_slots_without_credentials(
    world: World, visitor: Client
) -> None:
    ada = world.member("Ada", photo_url="https://pictures.example/ada")
    world.book(ada, NINE)
    answer = look(visitor, world.invite(ada))
    assert (answer.status_code, answer.json_body) == (
        200,
        {
            "host": {"name": "Ada", "photoUrl": "https://pictures.example/ada"},
            "slots": [{"startTime": "2026-03-02T09:00:00+00:00", "duration": 3_000_000}],
        },
    )
    assert answer.headers.items() >= {**UNLISTED, "Content-Type": "application/json"}.items()


@pytest.mark.long  # A thousand requests.
def test_r27_a_thousand_visits_of_any_kind_write_nothing(world: World, visitor: Client) -> None:
    ada = world.member("Ada")
    world.book(ada, NINE)
    token = world.invite(ada, max_uses=1)
    visits = zip(range(1000), cycle(("GET", "HEAD", "OPTIONS", "GET")), cycle(VISITORS))
    with RequestUnitLedger(world.table.connection.client) as ledger:
        statuses = {
            (method, look(visitor, token, method, **{"User-Agent": agent}).status_code) for _, method, agent in visits
        }
    assert statuses == {("GET", 200), ("HEAD", 200), ("OPTIONS", 204)}
    assert ledger.writes == []
    (link,) = world.links(ada)
    assert link.uses == 0


def test_r27_the_visit_of_a_signed_in_guest_writes_nothing(world: World) -> None:
    ada, ben = world.member("Ada"), member(world, "Ben")
    world.book(ada, NINE)
    invite = world.invite(ada, max_uses=1)
    session = world.accept(ben, invite, NINE)
    headers = {"Authorization": f"Bearer {token(world, 'Ben')}"}
    with Client(api(world)) as client, RequestUnitLedger(world.table.connection.client) as ledger:
        answer = client.http.get(f"/i/{invite}", headers=headers)
    assert [each["sessionId"] for each in answer.json_body["sessions"]] == [session["sessionId"]]
    assert (answer.status_code, answer.json_body["slots"], ledger.writes) == (200, [], [])


def test_r28_every_unavailable_link_gives_the_same_response(world: World, visitor: Client) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    used = world.invite(ada, max_uses=1)
    world.accept(ben, used, NINE)
    expired = world.invite(ada, expires_at=world.now.replace(minute=30))
    world.after(minutes=30)
    revoked = world.invite(ada)
    world.revoke(ada)
    answers = [look(visitor, token) for token in (used, expired, revoked, "unknown", "%00%F0%9F%98%80", "x" * 3000)]
    assert {answer.status_code for answer in answers} == {404}
    bodies = [{**answer.json_body, "instance": None} for answer in answers]
    assert bodies == [bodies[0]] * 6
    assert bodies[0]["code"] == "invite_unavailable"
    for answer in answers:
        assert answer.headers.items() >= {**UNLISTED, "Content-Type": "application/problem+json"}.items()
        assert answer.headers == answers[0].headers


def test_a_preflight_lists_the_methods_of_the_api(visitor: Client) -> None:
    answer = look(visitor, "anything", "OPTIONS")
    assert answer.headers["Access-Control-Allow-Methods"] == "GET,HEAD,POST,PUT,PATCH,DELETE"


def test_every_method_has_the_headers_that_keep_the_address_private(visitor: Client) -> None:
    for method in ("GET", "HEAD", "OPTIONS", "POST"):
        assert look(visitor, "anything", method).headers.items() >= UNLISTED.items(), method


def called_at(host: str | None, path: str, route: str) -> Request:
    """Return a request with the context of a gateway, or without one if `host` is None."""
    gateway = {"domainName": host, "path": path} if host else {}
    context = {**gateway, "resourcePath": route, "httpMethod": "GET"}
    nothing = dict.fromkeys(
        ("multiValueQueryStringParameters", "headers", "pathParameters", "body", "stageVariables"), None
    )
    return Request({**nothing, "requestContext": context, "isBase64Encoded": False})


@pytest.mark.parametrize(
    ("invite_url", "host", "path", "route", "expected"),
    [
        (
            None,
            "abc.gateway.example",
            "/api/v1/invite-links",
            "/v1/invite-links",
            "https://abc.gateway.example/api/i/x",
        ),
        (None, "abc.gateway.example", "/api/i/x", "/i/{token}", "https://abc.gateway.example/api/i/x"),
        (None, "lockstep.example", "/i/x", "/i/{token}", "https://lockstep.example/i/x"),
        (None, None, "/i/x", "/i/{token}", "/i/x"),
        ("https://go.example/to", "abc.gateway.example", "/api/i/x", "/i/{token}", "https://go.example/to/x"),
    ],
)
def test_a_link_has_the_configured_address_or_that_of_the_request(
    world: World, invite_url: str | None, host: str | None, path: str, route: str, expected: str
) -> None:
    settings = replace(world.settings, invite_url=invite_url)
    assert address(settings, called_at(host, path, route), "x") == expected
