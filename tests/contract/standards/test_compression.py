"""Responses of the local runner in a content coding (RFC 9110, sections 8.4 and 12.5.3)."""

import gzip
import json
from urllib.parse import urlencode

import pytest

from tests.contract.client import ApiResponse, Runner
from tests.contract.slots import text_of

DOCUMENT = "/openapi.json"


def fetch(controlled: Runner, coding: str | None, path: str = DOCUMENT, **headers: str) -> ApiResponse:
    """Send a GET with an `Accept-Encoding`, and return the response with the bytes as they were sent."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return controlled.raw("GET", path, {**named, "Accept-Encoding": coding})


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    "coding",
    ["gzip", "GZip", "x-gzip", "gzip, deflate, br", "br;q=1.0, gzip;q=0.8, *;q=0.1", "*", "identity;q=0.5, gzip",
     "gzip;q=0.001", "deflate, gzip;q=1.0, *;q=0.5", "identity;q=0, gzip"],
)  # fmt: skip
def test_a_client_that_takes_gzip_gets_it(controlled: Runner, coding: str) -> None:
    """A year of sessions on a mobile connection is 10 times as long without compression."""
    plain, coded = fetch(controlled, "identity"), fetch(controlled, coding)
    assert coded.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(coded.data) == plain.data
    assert coded.headers["Content-Length"] == str(len(coded.data))
    assert len(coded.data) * 3 < len(plain.data)
    assert "Accept-Encoding" in coded.headers["Vary"].split(", ")


@pytest.mark.sampled(every=4)
@pytest.mark.parametrize(
    "coding",
    [None, "", "identity", "br", "gzip;q=0", "gzip;q=0, *", "deflate", "*;q=0, identity", "gzip;q=0.5, identity",
     "gzip;q=x", "x", "gzipped"],
)  # fmt: skip
def test_another_client_gets_the_plain_bytes(controlled: Runner, coding: str | None) -> None:
    plain = fetch(controlled, coding)
    assert "Content-Encoding" not in plain.headers
    assert json.loads(plain.data)["openapi"]
    assert "Accept-Encoding" in plain.headers["Vary"].split(", ")


def test_the_tags_of_two_codings_differ_and_each_gets_its_304(controlled: Runner) -> None:
    """Equal tags of different bytes would let a cache put parts of both together (RFC 9110, 8.8.3.3)."""
    tags = {coding: fetch(controlled, coding).headers["ETag"] for coding in ("identity", "gzip")}
    assert tags["identity"] != tags["gzip"]
    for coding, tag in tags.items():
        again = fetch(controlled, coding, If_None_Match=tag)
        assert (again.status, again.data, again.headers["ETag"]) == (304, b"", tag)
        assert "Content-Encoding" not in again.headers
        assert "Accept-Encoding" in again.headers["Vary"].split(", ")


ACCEPTED = [None, "identity", "gzip", "deflate", "gzip, deflate", "gzip, deflate, br, zstd", "*"]


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("fetched_with", ACCEPTED)
def test_a_tag_fetched_with_other_codings_gets_304_with_the_tag_of_the_chosen_one(
    controlled: Runner, fetched_with: str | None
) -> None:
    """A proxy or a second library of the same client accepts other codings, and pays for the whole answer each time."""
    known = fetch(controlled, fetched_with).headers["ETag"]
    for coding in ACCEPTED:
        again = fetch(controlled, coding, If_None_Match=f'"other", W/{known}')
        assert (again.status, again.headers["ETag"]) == (304, fetch(controlled, coding).headers["ETag"]), coding
    for other in (f'{known[:-1]}-br"', f'"x{known[1:]}', f'{known[:20]}"', f'"-{known[1:]}'):
        assert fetch(controlled, fetched_with, If_None_Match=other).status == 200, other


def test_head_has_the_headers_of_the_coded_response(controlled: Runner) -> None:
    coded = fetch(controlled, "gzip")
    head = controlled.raw("HEAD", DOCUMENT, {"Accept-Encoding": "gzip"})
    assert (head.status, head.data) == (200, b"")
    for name in ("Content-Encoding", "Content-Length", "ETag", "Vary", "Content-Type"):
        assert head.headers[name] == coded.headers[name]


def test_a_short_response_is_not_coded(controlled: Runner) -> None:
    short = fetch(controlled, "gzip", "/health")
    assert "Content-Encoding" not in short.headers
    assert short.headers["ETag"] == fetch(controlled, "identity", "/health").headers["ETag"]


def test_the_sessions_of_a_member_are_coded_too(controlled: Runner) -> None:
    ada, slot = controlled.sign_in("Ada"), controlled.slots.far()
    session = ada.book(slot, title="Ж" * 200)
    query = urlencode({"start": text_of(slot.after(minutes=-60)), "end": text_of(slot.after(minutes=60))})
    coded = fetch(controlled, "gzip", f"/v1/sessions?{query}", Authorization=f"Bearer {ada.token}")
    assert coded.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(coded.data))["sessions"] == [session]
    assert coded.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("coding", ["gzip;" + "q" * 10_000, "," * 10_000, ";=;", "gzip;q=1;q=0", "\xff"])
def test_a_malformed_header_gets_a_readable_response(controlled: Runner, coding: str) -> None:
    response = fetch(controlled, coding)
    data = gzip.decompress(response.data) if "Content-Encoding" in response.headers else response.data
    assert (response.status, json.loads(data)["openapi"]) == (200, "3.1.0")
