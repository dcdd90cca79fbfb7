"""Tests of the headers of every response."""

import json

from chalice.test import Client

from chalicelib.handlers.http.responses.headers import SECURITY_HEADERS
from tests.handlers.all_routes import api, calls
from tests.handlers.callers import AccessScenario


def test_every_response_of_every_route_has_the_security_headers(scenario: AccessScenario) -> None:
    for headers in ({}, scenario.token()):
        with Client(api(scenario.world)) as client:
            routed = calls(api(scenario.world), scenario.names)
            unrouted = [("OPTIONS", "/v1/me", None), ("PUT", "/v1/me", None), ("DELETE", "/health", None)]
            for method, path, body in [*routed, *unrouted]:
                payload = b"" if body is None else json.dumps(body).encode()
                answer = client.http.request(method, path, headers=headers, body=payload)
                assert answer.headers.items() >= SECURITY_HEADERS.items(), (method, path)
                public = "public, max-age=300"
                cached = {"/openapi.json": public, "/v1/config": public, "/docs": "no-cache"}
                assert answer.headers["Cache-Control"] == cached.get(path.partition("?")[0], "no-store"), (method, path)
                assert "default-src 'none'" in answer.headers["Content-Security-Policy"], (method, path)
                assert answer.status_code < 300 or answer.status_code >= 400, (method, path)
                assert ("Location" in answer.headers) == (answer.status_code == 201), (method, path)
