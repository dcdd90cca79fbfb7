"""Tests of the page to which the OpenID provider returns. tests/browser tests its script."""

import re

import pytest
from chalice.app import Chalice
from chalice.test import Client

from chalicelib.handlers.http.identity.tokens import verifier
from chalicelib.handlers.http.registration import register_routes
from tests.handlers.pages.test_html_page import digest_source
from tests.harness import World


@pytest.mark.parametrize("query", ["?code=c%22%3Cx&state=s", "?error=access_denied"])
def test_the_page_after_the_sign_in_is_static_and_sends_no_request(world: World, query: str) -> None:
    app = Chalice(app_name="lockstep-tests")
    register_routes(app, world.context, verifier(world.settings))
    with Client(app) as client:
        plain, answer = client.http.get("/signed-in"), client.http.get(f"/signed-in{query}")
    assert (answer.status_code, answer.body, answer.headers) == (200, plain.body, plain.headers)
    (script,) = re.findall("<script>(.*)</script>", answer.body.decode(), re.DOTALL)
    assert f"script-src {digest_source(script)};" in answer.headers["Content-Security-Policy"]
    assert "fetch" not in script
    assert (answer.headers["Referrer-Policy"], answer.headers["Cache-Control"]) == ("no-referrer", "no-store")
