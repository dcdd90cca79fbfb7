"""Tests of the views of the API's description."""

import json

import pytest
from chalice.app import Chalice

from chalicelib.handlers.http.identity.tokens import verifier
from chalicelib.handlers.http.registration import register_routes
from tests.harness import World


@pytest.mark.parametrize(
    ("path", "server"), [("/openapi.json", "/"), ("/openapi.json/", "/"), ("/api/openapi.json", "/api"), (None, "/")]
)
def test_the_server_of_the_document_is_the_stage_of_the_request(world: World, path: str | None, server: str) -> None:
    app = Chalice(app_name="lockstep-tests")
    register_routes(app, world.context, verifier(world.settings))
    called_at = {} if path is None else {"path": path}
    nothing = dict.fromkeys(("multiValueQueryStringParameters", "pathParameters", "body", "stageVariables"))
    context = {"resourcePath": "/openapi.json", "httpMethod": "GET", **called_at}
    answer = app({**nothing, "headers": {}, "requestContext": context, "isBase64Encoded": False}, None)
    assert json.loads(answer["body"])["servers"] == [{"url": server}]
