"""Tests of the content codings of requests and responses."""

import pytest

from chalicelib.domain.model.errors import UnsupportedCoding, UnsupportedMediaType
from chalicelib.handlers.http.content_codings import accepted_by, accepted_codings, check_coding


@pytest.mark.parametrize("header", [None, "", " Identity ", "identity, identity"])
def test_a_body_without_a_coding_is_accepted(header: str | None) -> None:
    check_coding(header)


@pytest.mark.parametrize("header", ["gzip", "GZIP", "identity, gzip", "gzip, identity", "x", ","])
def test_a_body_in_a_coding_is_refused(header: str) -> None:
    with pytest.raises(UnsupportedCoding, match="Content-Encoding") as refusal:
        check_coding(header)
    assert accepted_by(refusal.value) == {"Accept-Encoding": "identity"}
    assert accepted_by(UnsupportedMediaType()) == {}


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
