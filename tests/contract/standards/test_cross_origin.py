"""Pages of other origins (CORS, the Fetch standard)."""

from collections.abc import Iterator

import pytest

from tests.contract.client import ORIGIN, ApiResponse, Client, Runner, Service

ALLOWED = {
    "authorization", "content-type", "idempotency-key", "x-api-key", "if-none-match", "traceparent", "tracestate",
    "baggage", "sentry-trace",
}  # fmt: skip
READABLE = {"ETag", "Retry-After", "Location", "RateLimit", "RateLimit-Policy"}
UNKNOWN = ("/nowhere", "/no/where", "/v1/people/x/nothing/at/all", "/v1", "/dev/nothing")


def words(value: str) -> set[str]:
    return {word.strip() for word in value.split(",")}


def check_readable(response: ApiResponse, origin: str = ORIGIN) -> None:
    """Assert that a page of the origin may read the response with its headers."""
    assert response.headers["Access-Control-Allow-Origin"] == origin
    assert words(response.headers["Access-Control-Expose-Headers"]) >= READABLE
    assert "Access-Control-Allow-Credentials" not in response.headers


def preflight(api: Service, path: str, method: str, origin: str = ORIGIN) -> ApiResponse:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": ",".join(sorted(ALLOWED)),
    }
    return api.request("OPTIONS", path, headers=headers)


def check_preflight(response: ApiResponse, method: str, origin: str = ORIGIN) -> None:
    """Assert that a browser of the origin would send the request after this preflight."""
    assert response.status == 204
    assert response.headers["Access-Control-Allow-Origin"] == origin
    assert method in words(response.headers["Access-Control-Allow-Methods"])
    assert {word.lower() for word in words(response.headers["Access-Control-Allow-Headers"])} >= ALLOWED


@pytest.mark.parametrize("path", UNKNOWN)
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_a_page_reads_the_refusal_of_an_unknown_path(api: Service, path: str, method: str) -> None:
    """A page with a typing error in its path gets a network error.

    Refusals are readable, too.
    """
    check_preflight(preflight(api, path, method), method)
    response = api.request(method, path, headers={"Origin": ORIGIN})
    assert (response.status, response.json["code"]) == (404, "not_found")
    check_readable(response)


def test_a_page_reads_every_kind_of_refusal(api: Service, ada: Client) -> None:
    headers = {"Origin": ORIGIN}
    tag = ada.request("GET", "/v1/me").headers["ETag"]
    for status, response in (
        (401, api.request("GET", "/v1/me", headers=headers)),
        (404, ada.request("GET", "/v1/sessions/unknown", headers=headers)),
        (413, ada.request("PATCH", "/v1/me", body=b" " * (16 * 1024 + 1), headers=headers)),
        (415, ada.request("PATCH", "/v1/me", body=b"{}", headers=headers | {"Content-Encoding": "gzip"})),
        (422, ada.request("PATCH", "/v1/me", {"name": 1}, headers=headers)),
        (304, ada.request("GET", "/v1/me", headers=headers | {"If-None-Match": tag})),
    ):
        assert response.status == status
        check_readable(response)


@pytest.mark.parametrize(
    ("path", "method"),
    [("/v1/me", "PATCH"), ("/v1/sessions", "POST"), ("/v1/sessions/x", "DELETE"), ("/v1/calendar", "HEAD")],
)
def test_a_page_may_send_every_header_of_the_contract(api: Service, path: str, method: str) -> None:
    """Tracing headers of a page fail its preflight.

    They are allowed.
    """
    check_preflight(preflight(api, path, method), method)


METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}


@pytest.mark.parametrize("path", ["/health", "/v1/me", "/v1/sessions/x", "/i/x", *UNKNOWN])
def test_a_preflight_permits_every_method_of_the_api_on_every_path(api: Service, path: str) -> None:
    """A page with a wrong method gets a network error instead of the refusal with its `Allow`."""
    assert words(preflight(api, path, "PUT").headers["Access-Control-Allow-Methods"]) == METHODS


def test_a_page_reads_that_a_path_does_not_take_its_method(controlled: Runner) -> None:
    for path, allowed in (("/v1/me", "PATCH"), ("/v1/sessions", "POST"), ("/dev/clock", "PUT"), ("/health", "GET")):
        for method in METHODS:
            check_preflight(preflight(controlled, path, method), method)
        response = controlled.request("DELETE" if path != "/v1/me" else "PUT", path, headers={"Origin": ORIGIN})
        assert response.status == 405, response
        assert allowed in words(response.headers["Allow"])
        check_readable(response)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ORIGIN.upper(), f"{ORIGIN}.evil.example", "*"])
def test_a_page_of_another_origin_reads_nothing(api: Service, origin: str) -> None:
    for path in ("/health", "/nowhere", "/v1/me"):
        for response in (
            api.request("GET", path, headers={"Origin": origin}),
            preflight(api, path, "GET", origin),
        ):
            assert "Access-Control-Allow-Origin" not in response.headers
            assert "Origin" in words(response.headers["Vary"])


def test_a_page_reads_a_refusal_by_the_local_server_itself(controlled: Runner) -> None:
    ada, headers = controlled.sign_in("Ada"), {"Origin": ORIGIN}
    for status, response in (
        (405, ada.request("PUT", "/v1/me", headers=headers)),
        (413, ada.request("PATCH", "/v1/me", body=b" " * (1 << 21), headers=headers)),
    ):
        assert response.status == status
        check_readable(response)


def test_a_frontend_under_development_may_use_the_local_routes(controlled: Runner) -> None:
    for method, path, status in (
        ("POST", "/dev/sign-in", 422),
        ("GET", "/dev/clock", 200),
        ("PUT", "/dev/stream", 422),
        ("POST", "/dev/token", 400),
        ("GET", "/dev/jwks.json", 200),
        ("GET", "/.well-known/openid-configuration", 200),
        ("DELETE", "/dev/clock", 405),
    ):
        check_preflight(preflight(controlled, path, method), method)
        response = controlled.request(method, path, headers={"Origin": ORIGIN})
        assert response.status == status, path
        check_readable(response)
    other = controlled.request("GET", "/dev/clock", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in other.headers


@pytest.fixture(scope="module")
def open_runner() -> Iterator[Runner]:
    """A runner that pages of every origin may call."""
    runner = Runner(LOCKSTEP_ORIGINS="*")
    yield runner
    assert runner.stop() == 0


@pytest.mark.long
def test_with_a_star_every_page_may_call_with_its_own_token(open_runner: Runner) -> None:
    """`*` lets any page call, and no answer permits cookies."""
    ada = open_runner.sign_in("Ada")
    for origin in ("https://any.example", "null"):
        for path in ("/v1/me", "/nowhere", "/dev/clock"):
            check_preflight(preflight(open_runner, path, "GET", origin), "GET", "*")
            response = ada.request("GET", path, headers={"Origin": origin})
            check_readable(response, "*")
            assert "Origin" not in words(response.headers.get("Vary", ""))
