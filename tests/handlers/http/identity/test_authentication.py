"""Tests of the authentication by a bearer token and by an API key. test_access.py covers every route."""

import pytest
from chalice.app import Request

from chalicelib.domain.model.api_key import Scope
from chalicelib.domain.model.errors import Forbidden, Unauthenticated
from chalicelib.domain.model.member import Profile
from chalicelib.handlers.http.identity.access import Access
from chalicelib.handlers.http.identity.authentication import caller_of
from chalicelib.handlers.http.identity.tokens import verifier
from chalicelib.services.members.api_keys import list_api_keys
from tests.handlers.all_routes import JWKS
from tests.handlers.callers import AccessScenario


def authenticate(scenario: AccessScenario, headers: dict[str, str], access: Access) -> Profile:
    tokens = verifier(scenario.world.settings, fetch=lambda _: JWKS)
    fields = ("multiValueQueryStringParameters", "pathParameters", "body", "stageVariables")
    context = {"resourcePath": "/v1/me", "httpMethod": "GET"}
    event = {**dict.fromkeys(fields), "headers": headers, "requestContext": context, "isBase64Encoded": False}
    return caller_of(scenario.world.context, tokens, Request(event), access).member


def test_r35_a_token_and_a_key_authenticate_the_same_member(scenario: AccessScenario) -> None:
    for headers in (scenario.token(), scenario.key(Scope.READ)):
        assert authenticate(scenario, headers, Access.READ).member_id == scenario.olive.member_id


def test_r35_a_token_neither_replaces_an_invalid_key_nor_extends_a_scope(scenario: AccessScenario) -> None:
    with pytest.raises(Unauthenticated):
        authenticate(scenario, {**scenario.token(), "X-API-KEY": "unknown"}, Access.READ)
    with pytest.raises(Forbidden):
        authenticate(scenario, {**scenario.token(), **scenario.key(Scope.READ)}, Access.WRITE)


def test_r35_the_use_of_a_key_is_stored_unless_it_is_refused(scenario: AccessScenario) -> None:
    def last_uses() -> set[object]:
        page = list_api_keys(scenario.world.context, scenario.olive.member_id, after=None, limit=None)
        return {key.last_used for key in page.items}

    headers = scenario.key(Scope.READ)
    with pytest.raises(Forbidden):
        authenticate(scenario, headers, Access.BEARER_ONLY)
    assert last_uses() == {None}
    authenticate(scenario, headers, Access.READ)
    assert last_uses() == {None, scenario.world.now.date()}
