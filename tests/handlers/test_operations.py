"""What a route says of itself: read off its view, and nothing else says it."""

from datetime import UTC, datetime
from http import HTTPStatus

import pytest
from chalice.app import Chalice

from chalicelib.handlers import shapes
from chalicelib.handlers.operations import HTML, JSON, Operation
from chalicelib.handlers.routes import RESOURCES, register_routes
from chalicelib.handlers.tokens import KeySet, TokenVerifier
from chalicelib.services.lockstep import Lockstep
from chalicelib.storage.connection import Table
from tests.world import TABLE, settings


@pytest.fixture(scope="module")
def app() -> Chalice:
    return Chalice(app_name="lockstep")


@pytest.fixture(scope="module")
def operations(app: Chalice) -> dict[tuple[str, str], Operation]:
    """Every operation by method and path."""
    tokens = TokenVerifier("", "", KeySet(dict, clock=lambda: 0), clock=lambda: datetime.now(UTC))
    lockstep = Lockstep(
        settings("", ""),
        Table(TABLE, region="us-east-1", endpoint=None),
        lambda: datetime.now(UTC),
        None,
        None,
        pause=lambda _: None,
    )
    return {(found.method, found.path): found for found in register_routes(app, lockstep, tokens)().operations}


def codes(operation: Operation) -> set[str]:
    return {refusal.code for refusal in operation.refusals}


def test_every_route_of_the_app_says_what_it_is(app: Chalice, operations: dict[tuple[str, str], Operation]) -> None:
    routes = {(method, path) for path, methods in app.routes.items() for method in methods}
    assert {route for route in routes if route[0] not in ("HEAD", "OPTIONS")} == operations.keys()
    for (_, path), found in operations.items():
        assert found.view.__doc__, found
        # All that a view takes has a type: what it is given besides the path is what is described.
        in_path = {name for name in found.types if f"{{{name}}}" in path}
        assert found.types.keys() - in_path - {"call", "request", "_request"} <= {"body", "query", "key", "return"}


def test_every_path_is_answered_by_the_resource_of_its_row(operations: dict[tuple[str, str], Operation]) -> None:
    for (_, path), found in operations.items():
        assert found.view.__module__ == f"chalicelib.handlers.{RESOURCES[path]}", path


def test_no_two_operations_have_one_name(operations: dict[tuple[str, str], Operation]) -> None:
    names = [found.view.__name__ for found in operations.values()]
    assert len(set(names)) == len(names)


def test_the_answers_are_those_that_the_view_returns(operations: dict[tuple[str, str], Operation]) -> None:
    assert operations["POST", "/v1/sessions"].answers == [
        (HTTPStatus.CREATED, JSON, shapes.OneSession),
        (HTTPStatus.OK, JSON, shapes.OneSession),
    ]
    assert operations["GET", "/v1/me"].answers == [(HTTPStatus.OK, JSON, shapes.OwnUser)]
    assert operations["DELETE", "/v1/me"].answers == [(HTTPStatus.NO_CONTENT, None, None)]
    assert operations["GET", "/i/{token}"].answers == [
        (HTTPStatus.OK, JSON, shapes.Invite),
        (HTTPStatus.OK, HTML, None),
    ]


def test_the_refusals_follow_from_who_calls_what_is_sent_and_what_the_view_says(
    operations: dict[tuple[str, str], Operation],
) -> None:
    body = {"malformed_json", "too_large", "unsupported_media_type", "invalid_request"}
    members = {"rate_limited", "unauthenticated", "busy"}
    assert codes(operations["GET", "/health"]) == {"rate_limited"}
    assert codes(operations["GET", "/v1/me"]) == members
    assert codes(operations["PATCH", "/v1/me"]) == members | {"forbidden"} | body
    assert codes(operations["GET", "/v1/people"]) == members | {"invalid_request", "invalid_cursor"}
    assert codes(operations["GET", "/i/{token}"]) == {"rate_limited", "invite_unavailable", "busy"}
    own = {"not_available", "time_conflict", "too_late", "idempotency_key_reused"}
    assert codes(operations["POST", "/v1/sessions"]) == members | {"forbidden"} | body | own
