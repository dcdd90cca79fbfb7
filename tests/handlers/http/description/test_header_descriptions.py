"""Tests of the described headers of requests and responses."""

from chalicelib.handlers.http.description.header_descriptions import (
    ETAG,
    IF_NONE_MATCH,
    LIMITS,
    LOCATION,
    RETRY_AFTER,
    UNCHANGED,
    parameters_of,
    with_headers,
)
from chalicelib.handlers.http.operations import operation_of


def test_a_get_takes_a_tag_and_answers_with_one_or_with_304() -> None:
    operation = operation_of("GET", "/v1/me")
    assert parameters_of(operation) == [IF_NONE_MATCH]
    described = with_headers(operation, {"200": {"description": "A user."}})
    assert described == {"200": {"description": "A user.", "headers": ETAG}, "304": UNCHANGED}


def test_a_write_takes_no_tag() -> None:
    operation = operation_of("PATCH", "/v1/me")
    assert (parameters_of(operation), with_headers(operation, {"200": {}})) == ([], {"200": {}})


def test_a_created_response_names_its_address() -> None:
    described = with_headers(operation_of("POST", "/v1/sessions"), {"201": {}, "200": {}})
    assert described == {"201": {"headers": {**LOCATION, **LIMITS}}, "200": {"headers": LIMITS}}
    batch = with_headers(operation_of("POST", "/v1/sessions/batch"), {"200": {}})
    assert batch == {"200": {"headers": {**RETRY_AFTER, **LIMITS}}}
    assert with_headers(operation_of("POST", "/v1/api-keys"), {"201": {}}) == {"201": {"headers": LOCATION}}
