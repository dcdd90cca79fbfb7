"""The OpenAPI document, which is generated from the code, checked in, and conforms to the responses."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from chalicelib.handlers.http.description.openapi import EXAMPLES
from chalicelib.handlers.http.description.request_samples import fill
from chalicelib.handlers.http.responses.problems import PROBLEMS
from tests.contract.client import Runner
from tests.contract.described_responses import CHECKED_IN, checked_in
from tests.contract.example_recorder import record
from tests.harness import World

HOW = "The contract changed. If that is meant, run `make description` and review the difference."


@pytest.fixture(scope="session")
def recording(pytestconfig: pytest.Config) -> bool:
    """True with `--record`, which overwrites the checked-in files."""
    return bool(pytestconfig.getoption("--record"))


def checked_in_json(path: Path, found: Any, *, recording: bool) -> Any:
    """Return the checked-in JSON, which `recording` first overwrites with what was found."""
    if recording:
        path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_checked_in_examples_are_the_responses_of_the_service(world: World, recording: bool) -> None:
    found = record(world)
    assert checked_in_json(EXAMPLES, found, recording=recording) == found, HOW


# The checked-in document has the samples of this day.
RECORDED_ON = date(2026, 3, 2)


def test_the_served_description_is_the_checked_in_one(api: Runner, recording: bool) -> None:
    served = api.request("GET", "/openapi.json")
    assert (served.status, served.headers["Content-Type"]) == (200, "application/json")
    assert served.headers["Cache-Control"] == "public, max-age=300"
    found = fill(served.json, RECORDED_ON)
    assert checked_in_json(CHECKED_IN, found, recording=recording) == found, HOW


@pytest.mark.long  # The import of the validator takes seconds, which every process would spend at the top of a module.
def test_the_description_is_valid_openapi() -> None:
    from openapi_spec_validator import validate

    validate(json.loads(CHECKED_IN.read_text()))


def test_every_response_with_a_body_and_every_problem_that_a_request_can_cause_has_an_example() -> None:
    document = json.loads(CHECKED_IN.read_text())
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            body = operation.get("requestBody", {"content": {"": {"example": ...}}})
            assert all("example" in content for content in body["content"].values()), (method, path)
            for status, response in operation["responses"].items():
                content = response.get("content", {}).get("application/json")
                generic = content is None or content["schema"] == {"type": "object"}
                assert generic or "example" in content, (method, path, status)
    # No request alone causes `busy` or `internal_error`. `method_not_allowed` belongs to no operation.
    assert PROBLEMS.keys() - {"busy", "internal_error", "method_not_allowed"} == examples_of_problems(document)


def examples_of_problems(document: dict[str, Any]) -> set[str]:
    """Return the problem codes that have an example."""
    responses = document["components"]["responses"].values()
    contents = [response["content"]["application/problem+json"] for response in responses]
    found = {code: example["value"] for content in contents for code, example in content.get("examples", {}).items()}
    assert all(example["code"] == code for code, example in found.items())
    return set(found)


ME = {"Content-Type": "application/json", "ETag": '"tag"'}
REFUSED = {"Content-Type": "application/problem+json"}


@pytest.mark.parametrize(
    ("status", "headers", "change"),
    [
        (200, ME, {"user": {}}),
        (200, ME, {"more": 1}),
        (201, ME, {}),
        (200, {"Content-Type": "text/html"}, {}),
        (409, REFUSED, {}),
        (401, REFUSED, {}),
    ],
    ids=["missing field", "extra field", "other status", "other type", "other problem", "missing header"],
)
def test_a_response_that_differs_from_its_description_is_found(
    status: int, headers: dict[str, str], change: Any
) -> None:
    description, path = checked_in(), "/v1/me"
    example = description.document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["example"]
    assert description.complaint("GET", path, 200, ME, json.dumps(example).encode()) is None
    assert description.complaint("GET", path, status, headers, json.dumps(example | change).encode()) is not None
