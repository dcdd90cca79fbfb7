"""What a route says of itself: read off its view, and nothing else says it."""

from http import HTTPStatus
from importlib import import_module
from types import FunctionType

import pytest

from chalicelib.handlers.http import account_schemas, schemas
from chalicelib.handlers.http import operations as read_off
from chalicelib.handlers.http.access import Access
from chalicelib.handlers.http.api import Call, PublicCall
from chalicelib.handlers.http.operations import HTML, JSON, ApiOperation
from chalicelib.handlers.http.routes import ROUTES

METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def operations() -> dict[tuple[str, str], ApiOperation]:
    """Every operation by method and path."""
    return {(found.method, found.path): found for found in read_off.operations()}


def codes(operation: ApiOperation) -> set[str]:
    return {refusal.code for refusal in operation.refusals}


def test_every_route_says_what_it_is(operations: dict[tuple[str, str], ApiOperation]) -> None:
    assert {route for route in ROUTES if route[0] != "HEAD"} == operations.keys()
    for (_, path), found in operations.items():
        assert found.view.__doc__, found
        # Every parameter of a view has a type: those besides the path are described.
        in_path = {name for name in found.types if f"{{{name}}}" in path}
        assert found.types.keys() - in_path - {"call", "_call"} <= {"body", "query", "key", "return"}


def test_only_a_route_for_members_passes_its_view_a_member(operations: dict[tuple[str, str], ApiOperation]) -> None:
    for route, found in operations.items():
        call = next(iter(found.types.values()))
        assert call is (PublicCall if ROUTES[route].access is Access.PUBLIC else Call), route


def test_every_view_has_exactly_one_route(operations: dict[tuple[str, str], ApiOperation]) -> None:
    """HEAD is answered by the view of GET."""
    found = [
        (resource, name)
        for resource in dict.fromkeys(route.resource for route in ROUTES.values())
        for name, value in vars(import_module(f"chalicelib.handlers.http.resources.{resource}")).items()
        if isinstance(value, FunctionType)
        and name.partition("_")[0] in METHODS
        and value.__module__ == f"chalicelib.handlers.http.resources.{resource}"
    ]
    assert sorted(found) == sorted(route[1:] for (method, _), route in ROUTES.items() if method != "HEAD")
    for method, path in ROUTES:
        if method == "HEAD":
            assert ROUTES[method, path] == ROUTES["GET", path]


def test_no_two_operations_have_one_name(operations: dict[tuple[str, str], ApiOperation]) -> None:
    names = [found.view.__name__ for found in operations.values()]
    assert len(set(names)) == len(names)


def test_the_answers_are_those_that_the_view_returns(operations: dict[tuple[str, str], ApiOperation]) -> None:
    assert operations["POST", "/v1/sessions"].answers == [
        (HTTPStatus.CREATED, JSON, schemas.OneSession),
        (HTTPStatus.OK, JSON, schemas.OneSession),
    ]
    assert operations["GET", "/v1/me"].answers == [(HTTPStatus.OK, JSON, schemas.OwnUser)]
    assert operations["DELETE", "/v1/me"].answers == [(HTTPStatus.NO_CONTENT, None, None)]
    assert operations["GET", "/i/{token}"].answers == [
        (HTTPStatus.OK, JSON, account_schemas.Invite),
        (HTTPStatus.OK, HTML, None),
    ]


def test_the_refusals_follow_from_who_calls_what_is_sent_and_what_the_view_says(
    operations: dict[tuple[str, str], ApiOperation],
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
