"""Tests of the content codings of requests and responses."""

import pytest
from chalice.app import Request

from chalicelib.domain.model.errors import UnsupportedMediaType
from chalicelib.handlers.http.content_codings import accepted_codings, check_coding


def request(**headers: str) -> Request:
    """Return a request with these headers."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    context = {"httpMethod": "POST", "resourcePath": "/"}
    event = {"requestContext": context, "headers": named, "multiValueQueryStringParameters": None}
    return Request({**event, "pathParameters": {}, "body": b"", "stageVariables": {}})


@pytest.mark.parametrize("headers", [{}, {"Content_Encoding": ""}, {"content_encoding": " Identity "}])
def test_a_body_without_a_coding_is_accepted(headers: dict[str, str]) -> None:
    check_coding(request(**headers))


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "identity, gzip", "gzip, identity", "x", ","])
def test_a_body_in_a_coding_is_refused(coding: str) -> None:
    with pytest.raises(UnsupportedMediaType, match="Content-Encoding"):
        check_coding(request(content_encoding=coding))


@pytest.mark.parametrize(
    ("header", "codings"),
    [
        (None, []),
        ("", []),
        ("identity", []),
        ("gzip", ["gzip"]),
        ("X-GZip;q=1", ["gzip"]),
        ("deflate", ["deflate"]),
        ("deflate, gzip;q=0.1", ["gzip", "deflate"]),
        ("*", ["gzip", "deflate"]),
        ("*, gzip;q=0", ["deflate"]),
        ("*;q=0", []),
        ("gzip;q=0.000", []),
        ("gzip ; q = 0.5, identity;q=0.5", ["gzip"]),
        ("gzip;q=0.5, identity", []),
        ("gzip;q=2", []),
        ("gzip;q=", []),
        ("br", []),
    ],
)
def test_a_coding_is_accepted_if_it_is_not_less_wanted_than_the_plain_bytes(
    header: str | None, codings: list[str]
) -> None:
    assert accepted_codings(header) == codings
