"""The responses of the local server with the files of the web app."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

from infra.local.http.cross_origin import CrossOriginPolicy
from infra.local.http.responses import problem
from infra.local.http.server import Server
from infra.local.http.web_app import WebApp

PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
INDEX = b"<!doctype html><title>Tandem &amp; Co</title>"
SCRIPT = b"export const answer = 42;\n" * 100
NAME = "/assets/index-Bx1.js"


@contextmanager
def served(built: Path) -> Iterator[HTTPConnection]:
    """Serve a build. The API beside it has no path."""
    app, server = WebApp(built, "Tandem & Co", ("wss://live.example",)), Server(0)
    respond = lambda request: app.respond(request) or problem("not_found", "There is nothing at this path.")  # noqa: E731
    thread = threading.Thread(target=server.serve, args=(respond, CrossOriginPolicy(()), {}))
    thread.start()
    connection = HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
    try:
        yield connection
    finally:
        connection.close()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HTTPConnection]:
    """A connection to the server of a small build."""
    built = tmp_path_factory.mktemp("dist")
    (built / "assets").mkdir()
    (built / "index.html").write_text("<!doctype html><title>Lockstep</title>")
    (built / NAME[1:]).write_bytes(SCRIPT)
    (built.parent / "secret.txt").write_text("secret")
    with served(built) as connection:
        yield connection


def fetch(site: HTTPConnection, path: str, method: str = "GET", **headers: str) -> tuple[HTTPResponse, bytes]:
    site.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    response = site.getresponse()
    return response, response.read()


@pytest.mark.parametrize("path", ["/", "/index.html", "/people/ada/availability", "/sign-in?code=1&state=2", "/v1"])
def test_every_page_is_the_index_file_which_browsers_revalidate(site: HTTPConnection, path: str) -> None:
    response, body = fetch(site, path, **PAGE)
    assert (response.status, body) == (200, INDEX)
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-cache"
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "connect-src 'self' wss://live.example;" in policy
    assert "camera=(self), display-capture=(self), microphone=(self)" in response.headers["Permissions-Policy"]


def test_a_file_with_a_digest_in_its_name_is_kept_for_a_year(site: HTTPConnection) -> None:
    response, body = fetch(site, NAME, Accept="*/*")
    assert (response.status, body) == (200, SCRIPT)
    assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_file_is_compressed_for_a_client_that_takes_gzip(site: HTTPConnection) -> None:
    response, body = fetch(site, NAME, Accept_Encoding="gzip, br")
    assert (response.headers["Content-Encoding"], gzip.decompress(body)) == ("gzip", SCRIPT)
    assert response.headers["Vary"] == "Accept-Encoding"
    plain, _ = fetch(site, NAME)
    assert plain.headers["Content-Encoding"] is None
    assert plain.headers["ETag"] == response.headers["ETag"]


@pytest.mark.parametrize("more", ["{}", 'W/"other", {}', "*"])
def test_a_known_file_is_not_sent_again(site: HTTPConnection, more: str) -> None:
    tag = fetch(site, "/", **PAGE)[0].headers["ETag"]
    response, body = fetch(site, "/", If_None_Match=more.format(tag), **PAGE)
    assert (response.status, body, response.headers["ETag"]) == (304, b"", tag)
    assert response.headers["Cache-Control"] == "no-cache"
    other, body = fetch(site, "/", If_None_Match='"other"', **PAGE)
    assert (other.status, body) == (200, INDEX)


def test_head_has_the_headers_of_get_and_no_body(site: HTTPConnection) -> None:
    ours = {name: value for name, value in fetch(site, NAME)[0].headers.items() if name != "Date"}
    response, body = fetch(site, NAME, "HEAD")
    assert (response.status, body) == (200, b"")
    assert {name: value for name, value in response.headers.items() if name != "Date"} == ours


@pytest.mark.parametrize(
    "path",
    [
        "/assets/index-old.js",
        "/favicon.ico",
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "//etc/hosts.txt",
    ],
)
def test_a_file_that_is_no_part_of_the_build_is_missing(site: HTTPConnection, path: str) -> None:
    response, body = fetch(site, path, **PAGE)
    assert response.status == 404
    assert b"secret" not in body


@pytest.mark.parametrize("path", ["/v1/me", "/v1/unknown", "/i/token", "/docs", "/dev/unknown", "/.well-known/jwks"])
def test_the_app_answers_no_path_of_the_api_or_of_the_local_run(site: HTTPConnection, path: str) -> None:
    assert fetch(site, path, **PAGE)[0].status == 404


@pytest.mark.parametrize("accept", ["application/json", "*/*", "text/html;q=0.1, application/json"])
def test_a_client_that_asks_for_no_page_gets_none(site: HTTPConnection, accept: str) -> None:
    assert fetch(site, "/v2/me", Accept=accept)[0].status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_the_app_takes_no_method_that_changes_something(site: HTTPConnection, method: str) -> None:
    assert fetch(site, "/", method, **PAGE)[0].status == 404


def test_without_a_build_the_page_says_how_to_build(tmp_path: Path) -> None:
    with served(tmp_path) as site:
        response, body = fetch(site, "/sessions", **PAGE)
        assert response.status == 503
        assert b"python -m infra.web" in body
        assert response.headers["Cache-Control"] == "no-store"
        assert fetch(site, "/health", **PAGE)[0].status == 404
