"""Whether an answer is one that the description of the API tells of."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

CHECKED_IN = Path(__file__).parents[2] / "docs/openapi.json"
PROBLEM = "application/problem+json"
# What belongs to no operation: a path or a method that is not there, and what a server refuses before it is routed.
UNROUTED = {404: {"not_found"}, 405: {"method_not_allowed"}, 400: {"malformed_request"}, 411: {"length_required"}}


class Description:
    """An OpenAPI document, read more strictly than it is meant: no answer has a field that it does not name."""

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
        """The operation that answers a request, if there is one."""
        named = "get" if method == "HEAD" else method.lower()
        # As in routing, a path without parameters comes before one that has some: braces sort after letters.
        found = [operations for pattern, operations in self._paths if pattern.match(path)]
        return found[0].get(named) if found else None

    def complaint(self, method: str, target: str, status: int, headers: Mapping[str, str], body: bytes) -> str | None:
        """What about an answer is not as described; None where it is."""
        # As in routing, a slash at the end is no part of a path.
        operation = self.operation(method, target.partition("?")[0].rstrip("/"))
        media_type = headers.get("Content-Type", "").partition(";")[0]
        response = self._response(operation, status)
        if response is None:
            return _complaint_unrouted(method, status, media_type, body)
        if missing := {name for name in response.get("headers", {}) if name not in headers}:
            return f"{missing} are missing"
        content = response.get("content", {})
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
        label = json.dumps(schema)
        if label not in self._validators:
            whole = {**schema, "components": self._components}
            self._validators[label] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        return self._validators[label]


def _complaint_unrouted(method: str, status: int, media_type: str, body: bytes) -> str | None:
    """What is wrong with an answer that no operation tells of."""
    if (method, status) == ("OPTIONS", 204):
        return None
    if media_type != PROBLEM:
        return f"{status} {media_type} is not described"
    # To ask for a HEAD is to be told no code.
    code = json.loads(body).get("code") if body else None
    return None if code in UNROUTED.get(status, ()) or method == "HEAD" else f"{status} {code} is not described"


@cache
def checked_in() -> Description:
    """The description that is checked in, which is the one that is served."""
    return Description(json.loads(CHECKED_IN.read_text(encoding="utf-8")))
