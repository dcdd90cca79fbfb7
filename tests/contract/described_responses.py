"""The check of a response against the OpenAPI document."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from chalicelib.handlers.http.description.openapi import CODES, GATEWAY_CODES

CHECKED_IN = Path(__file__).parents[2] / "docs/openapi.json"
PROBLEM = "application/problem+json"
# Responses outside all operations: an unknown path or method, and requests refused before routing.
UNROUTED = {404: {"not_found"}, 405: {"method_not_allowed"}, 400: {"malformed_request"}}


class Description:
    """An OpenAPI document, read more strictly than written. A response has only the fields that it names."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self._components = json.loads(json.dumps(document["components"]))
        for schema in self._components["schemas"].values():
            if "properties" in schema:
                schema["additionalProperties"] = False
        self._paths = [
            (re.compile(re.sub(r"\{\w+\}", "[^/]*", path) + r"\Z"), operations)
            for path, operations in sorted(document["paths"].items())
        ]
        self._validators: dict[str, Any] = {}

    def operation(self, method: str, path: str) -> dict[str, Any] | None:
        """Return the operation of a request, or None."""
        name = "get" if method == "HEAD" else method.lower()
        # As in routing, a path without parameters comes before a path with parameters. Braces sort after letters.
        found = [operations for pattern, operations in self._paths if pattern.match(path)]
        return found[0].get(name) if found else None

    def complaint(self, method: str, target: str, status: int, headers: Mapping[str, str], body: bytes) -> str | None:
        """Return the first difference between a response and its description, or None."""
        # As in routing, a path ends before its trailing slash.
        operation = self.operation(method, target.partition("?")[0].rstrip("/"))
        media_type = headers.get("Content-Type", "").partition(";")[0]
        response = self._response(operation, status)
        if response is None:
            return _complaint_unrouted(method, status, media_type, body)
        declared = response.get("headers", {}).items()
        if missing := {name for name, header in declared if header.get("required") and name not in headers}:
            return f"{missing} are missing"
        content = response.get("content", {})
        if media_type == PROBLEM and method != "HEAD" and (other := _other_problem(response, status, json.loads(body))):
            return other
        if method == "HEAD" or not content:
            return f"there is a body: {body!r}" if body else None
        if media_type not in content:
            return f"{media_type} is not among {list(content)}"
        if not media_type.endswith("json"):
            return None
        error = next(self._validator(content[media_type]["schema"]).iter_errors(json.loads(body)), None)
        return error and f"{error.message} at {error.instance_path}"

    def _response(self, operation: dict[str, Any] | None, status: int) -> dict[str, Any] | None:
        response = operation and operation["responses"].get(str(status))
        if response and "$ref" in response:
            response = self._components["responses"][response["$ref"].rpartition("/")[2]]
        return response

    def _validator(self, schema: dict[str, Any]) -> Any:
        key = json.dumps(schema)
        if key not in self._validators:
            complete = {**schema, "components": self._components}
            self._validators[key] = jsonschema_rs.Draft202012Validator(complete, validate_formats=True)
        return self._validators[key]


def _other_problem(response: dict[str, Any], status: int, problem: dict[str, Any]) -> str | None:
    """Return the difference if a problem has another code or status than the response that is described, or None."""
    # A gateway may refuse the request before the operation.
    codes = [*response.get(CODES, []), *GATEWAY_CODES]
    same = problem.get("code") in codes and problem.get("status") == status
    return None if same else f"{problem} is not one of {codes} with the status {status}"


def _complaint_unrouted(method: str, status: int, media_type: str, body: bytes) -> str | None:
    """Return the difference between a response outside all operations and the permitted ones, or None."""
    if (method, status) == ("OPTIONS", 204):
        return None
    if media_type != PROBLEM:
        return f"{status} {media_type} is not described"
    # The response to HEAD has no body, so it has no code.
    code = json.loads(body).get("code") if body else None
    return None if code in UNROUTED.get(status, ()) or method == "HEAD" else f"{status} {code} is not described"


@cache
def checked_in() -> Description:
    """Return the description in the repository, which is the one that the service serves."""
    return Description(json.loads(CHECKED_IN.read_text(encoding="utf-8")))
