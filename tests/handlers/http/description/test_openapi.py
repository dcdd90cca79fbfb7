"""Tests of the generated OpenAPI document. tests/contract checks its whole text."""

from typing import Any

import pytest

from chalicelib.handlers.http.description.openapi import describe
from chalicelib.handlers.http.operations import operations


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """Return the document of all operations."""
    return describe(operations())


def test_the_security_follows_from_the_access(document: dict[str, Any]) -> None:
    paths = document["paths"]
    assert paths["/health"]["get"]["security"] == []
    assert paths["/i/{token}"]["get"]["security"] == [{}, {"bearer": []}, {"key": ["read"]}]
    assert paths["/v1/me"]["get"]["security"] == [{"bearer": []}, {"key": ["read"]}]
    assert paths["/v1/me"]["patch"]["security"] == [{"bearer": []}, {"key": ["write"]}]
    assert paths["/v1/me"]["delete"]["security"] == [{"bearer": []}]


def test_every_summary_is_one_line_that_ends_with_a_period(document: dict[str, Any]) -> None:
    for methods in document["paths"].values():
        for operation in methods.values():
            assert operation["summary"].endswith(".")
            assert "\n" not in operation["summary"]


def test_operations_with_the_same_codes_share_one_response(document: dict[str, Any]) -> None:
    members = document["paths"]["/v1/people/{userId}/favorite"]
    assert members["put"]["responses"]["404"] == {"$ref": "#/components/responses/not_found"}
    assert document["components"]["responses"]["not_found"]["description"].startswith("`not_found`: ")


def test_the_result_of_a_batch_is_one_component_with_optional_parts(document: dict[str, Any]) -> None:
    schema = document["components"]["schemas"]["BatchResult"]
    assert (list(schema["properties"]), schema["required"]) == (["status", "session", "problem"], ["status"])


def test_only_operations_with_an_idempotency_key_have_its_header(document: dict[str, Any]) -> None:
    with_key = {
        (method, path)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if any(parameter["name"] == "Idempotency-Key" for parameter in operation.get("parameters", []))
    }
    assert with_key == {("post", "/v1/sessions"), ("post", "/v1/sessions/batch"), ("post", "/i/{token}")}
