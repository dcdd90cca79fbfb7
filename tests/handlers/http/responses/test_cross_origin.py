"""Tests of the headers for pages of other origins."""

import pytest

from chalicelib.handlers.http.responses.cross_origin import (
    ALLOWED_HEADERS,
    EXPOSED_HEADERS,
    depends_on_origin,
    preflight_headers,
    readable_by,
)
from chalicelib.handlers.http.routes import ROUTES

LISTED = ("https://app.example", "https://two.example")


@pytest.mark.parametrize("origin", LISTED)
def test_a_page_of_a_listed_origin_may_read_the_response(origin: str) -> None:
    assert readable_by(LISTED, origin) == {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": EXPOSED_HEADERS,
    }


@pytest.mark.parametrize("origin", [None, "", "null", "*", "https://app.example.evil.example"])
def test_no_other_page_may_read_it(origin: str | None) -> None:
    assert readable_by(LISTED, origin) == {}
    assert readable_by((), origin) == {}


@pytest.mark.parametrize("origin", [None, "null", "https://any.example"])
def test_with_a_star_the_response_is_the_same_for_every_page(origin: str | None) -> None:
    assert readable_by(("*",), origin)["Access-Control-Allow-Origin"] == "*"
    assert [depends_on_origin(origins) for origins in ((), LISTED, ("*",))] == [False, True, False]


def test_a_preflight_names_methods_and_headers() -> None:
    headers = preflight_headers()
    assert set(str(headers["Access-Control-Allow-Methods"]).split(",")) == {method for method, _ in ROUTES} | {"HEAD"}
    assert headers["Access-Control-Allow-Headers"] == ALLOWED_HEADERS
    assert {"If-None-Match", "traceparent", "tracestate", "baggage", "sentry-trace"} <= set(ALLOWED_HEADERS.split(","))
