"""Tests of the operations that are derived from the views."""

from http import HTTPStatus

import pytest

from chalicelib.handlers.http import operations as derived
from chalicelib.handlers.http.call import Call, GuestCall, PublicCall
from chalicelib.handlers.http.identity.access import Access
from chalicelib.handlers.http.operations import HTML, JSON, ApiOperation
from chalicelib.handlers.http.responses import account_schemas, schemas
from chalicelib.handlers.http.routes import ROUTES


@pytest.fixture(scope="module")
def operations() -> dict[tuple[str, str], ApiOperation]:
    """Return every operation by method and path."""
    return {(found.method, found.path): found for found in derived.operations()}


def codes(operation: ApiOperation) -> set[str]:
    return {refusal.code for refusal in operation.refusals}


def test_every_route_has_an_operation_with_a_summary_and_typed_parameters(
    operations: dict[tuple[str, str], ApiOperation],
) -> None:
    assert ROUTES.keys() == operations.keys()
    for (_, path), found in operations.items():
        assert found.view.__doc__, found
        # The parameters that are not in the path are inputs with a type.
        in_path = {name for name in found.types if f"{{{name}}}" in path}
        assert found.types.keys() - in_path - {"call", "_call"} <= {"body", "query", "key", "begun", "return"}


def test_only_the_view_of_a_public_or_optional_route_gets_a_call_without_a_member(
    operations: dict[tuple[str, str], ApiOperation],
) -> None:
    without_member = {Access.PUBLIC: PublicCall, Access.OPTIONAL: GuestCall}
    for route, found in operations.items():
        call = next(iter(found.types.values()))
        assert call is without_member.get(ROUTES[route].access, Call), route


def test_every_operation_has_a_unique_name(operations: dict[tuple[str, str], ApiOperation]) -> None:
    names = [found.view.__name__ for found in operations.values()]
    assert len(set(names)) == len(names)


def test_the_responses_are_those_of_the_return_annotation(operations: dict[tuple[str, str], ApiOperation]) -> None:
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


def test_the_refusals_follow_from_the_access_the_inputs_and_the_view(
    operations: dict[tuple[str, str], ApiOperation],
) -> None:
    body = {"malformed_json", "too_large", "unsupported_media_type", "invalid_request"}
    members = {"rate_limited", "unauthenticated", "suspended", "busy"}
    assert codes(operations["GET", "/health"]) == {"rate_limited"}
    assert codes(operations["GET", "/v1/me"]) == members
    assert codes(operations["PATCH", "/v1/me"]) == members | {"forbidden"} | body
    assert codes(operations["GET", "/i/{token}"]) == members | {"invite_unavailable"}
    assert codes(operations["GET", "/v1/people"]) == members | {"forbidden", "invalid_request", "invalid_cursor"}
    own = {"not_available", "time_conflict", "too_late", "idempotency_key_reused"}
    assert codes(operations["POST", "/v1/sessions"]) == members | {"forbidden"} | body | own
