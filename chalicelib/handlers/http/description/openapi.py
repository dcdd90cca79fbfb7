"""The OpenAPI 3.1 document of the API, generated from the types that parse requests and build responses.

It is imported with the first request for the document, so that no other route's cold start pays for it. The examples
are recorded responses of the service, by operation and status, and by code for problems.
"""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from http import HTTPStatus
from inspect import cleandoc
from pathlib import Path
from typing import Any

import msgspec

from chalicelib.handlers.http.description import header_descriptions
from chalicelib.handlers.http.description.tags import TAGS, tag_names
from chalicelib.handlers.http.identity.access import Access, least_scope
from chalicelib.handlers.http.identity.authentication import API_KEY
from chalicelib.handlers.http.inputs import requests
from chalicelib.handlers.http.operations import HTML, JSON, ApiOperation
from chalicelib.handlers.http.responses import problems
from chalicelib.handlers.http.responses.schemas import PROBLEM_CODE, ProblemDetails, reference

Json = dict[str, Any]

EXAMPLES = Path(__file__).with_name("examples.json")
REFERENCE = "#/components/{}/{}"
# The extension of a response with the codes of its problems.
CODES = "x-problem-codes"
# The codes of a gateway, which refuses a request before any operation.
GATEWAY_CODES = ("malformed_request",)
JSON_TYPES = {str: "string", int: "integer"}

ABOUT = """\
One-to-one virtual coworking: two people book the same slot, are paired, and work side by side on video.

Responses contain instants in UTC without fractions of a second. Requests may contain any ISO 8601 instant with an
offset. Durations are in milliseconds. An unknown field of a body is refused and named in the problem. Unknown query
parameters are ignored. An unknown path gets 404 `not_found`, and an unknown method of a path 405 `method_not_allowed`.
A gateway in front of the service may answer both with 404.

Every refusal is a problem (RFC 9457) with a stable `code`. A refused request changes nothing.\
"""


@cache
def examples() -> Json:
    """Return the recorded responses."""
    found: Json = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    return found


def describe(operations: Iterable[ApiOperation]) -> Json:
    """Return the OpenAPI document of the operations without its server, which the view adds."""
    operations = sorted(operations, key=lambda operation: (operation.path, operation.method))
    paths: dict[str, Json] = {}
    responses: Json = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, responses)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Lockstep",
            "version": "1",
            "description": ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "tags": [{"name": tag.name, "description": tag.description} for tag in TAGS],
        "paths": paths,
        "components": {
            "schemas": _schemas(operations),
            "responses": dict(sorted(responses.items())),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "key": {"type": "apiKey", "in": "header", "name": API_KEY},
            },
        },
    }


def _operation(operation: ApiOperation, responses: Json) -> Json:
    """Describe one operation, and add its problems to the shared `responses`."""
    summary, _, more = cleandoc(operation.view.__doc__ or "").partition("\n\n")
    operation_id = _camel(operation.view.__name__)
    described: Json = {
        "operationId": operation_id,
        "tags": [tag_names()[operation_id]],
        "summary": summary,
        "security": _security(operation.access),
    }
    if more:
        described["description"] = more
    sent = [*_path_parameters(operation), *_query_parameters(operation), *_header_parameters(operation)]
    if parameters := [*sent, *header_descriptions.parameters_of(operation)]:
        described["parameters"] = parameters
    if body := operation.types.get("body"):
        content = {"schema": reference(body.__name__), **_example(operation, "body")}
        described["requestBody"] = {"required": True, "content": {JSON: content}}
    successes = header_descriptions.with_headers(operation, _successes(operation))
    described["responses"] = {**successes, **_refusals(operation, responses)}
    return described


def _security(access: Access) -> list[Json]:
    """Return the accepted credentials, a bearer token or an API key with at least that scope. `{}` stands for none."""
    if access is Access.PUBLIC:
        return []
    scope = least_scope(access)
    return [*([{}] if access is Access.OPTIONAL else []), {"bearer": []}, *([{"key": [scope]}] if scope else [])]


def _path_parameters(operation: ApiOperation) -> list[Json]:
    names = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _query_parameters(operation: ApiOperation) -> list[Json]:
    if "query" not in operation.types:
        return []
    query = operation.types["query"]
    schema = _components([query])[query.__name__]
    return [
        {"name": name, "in": "query", "required": name in schema["required"], "schema": described}
        for name, described in schema["properties"].items()
    ]


def _header_parameters(operation: ApiOperation) -> list[Json]:
    if "key" not in operation.types:
        return []
    return [
        {
            "name": requests.IDEMPOTENCY_KEY,
            "in": "header",
            "required": False,
            "description": "Within 24 hours, the same key and body return the first 2xx response without a new effect.",
            "schema": {"type": "string", "pattern": requests.VISIBLE},
        }
    ]


def _successes(operation: ApiOperation) -> Json:
    """Return the 2xx responses by status."""
    found: Json = {}
    for status, media_type, schema in operation.answers:
        response = found.setdefault(str(int(status)), {"description": schema.__doc__ if schema else status.phrase})
        if schema:
            content = {"schema": reference(schema.__name__), **_example(operation, str(int(status)))}
        else:
            content = {"schema": {"type": "object" if media_type == JSON else "string"}}
        if media_type:
            response.setdefault("content", {})[media_type] = content
    return found


def _refusals(operation: ApiOperation, responses: Json) -> Json:
    """Return the problems by status. Operations with the same set of codes share one response."""
    details = {refusal.code: refusal.default_detail for refusal in operation.refusals}
    details[problems.INTERNAL_ERROR] = problems.INTERNAL_DETAIL
    page = any(answer.media_type == HTML for answer in operation.answers)
    found: Json = {}
    for status in sorted({problems.PROBLEMS[code].status for code in details}):
        same = {code: details[code] for code in sorted(details) if problems.PROBLEMS[code].status == status}
        name = ".".join([*same, *(["page"] if page else [])])
        responses[name] = _problem(status, same, page=page)
        found[str(int(status))] = {"$ref": REFERENCE.format("responses", name)}
    return found


def _problem(status: HTTPStatus, details: Mapping[str, str], *, page: bool) -> Json:
    """Return a response with one of these codes, also as a page if `page` is set."""
    content: Json = {"schema": reference(ProblemDetails.__name__)}
    if recorded := {code: {"value": examples()[code]} for code in details if code in examples()}:
        content["examples"] = recorded
    response: Json = {
        "description": "\n".join(f"`{code}`: {detail}" for code, detail in details.items()),
        # Generators ignore the siblings of a reference, so the schema cannot say which codes these are.
        CODES: list(details),
        "content": {problems.CONTENT_TYPE: content, **({HTML: {"schema": {"type": "string"}}} if page else {})},
    }
    headers = {name: {"required": True, "schema": {"type": "string"}} for name in problems.headers_for(status)}
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        headers.update(header_descriptions.LIMITS)
    if headers:
        response["headers"] = headers
    return response


def _schemas(operations: Iterable[ApiOperation]) -> Json:
    """Return the schema of every body, of requests and responses, by name."""
    answered = (answer.schema for operation in operations for answer in operation.answers)
    sent = (operation.types.get("body") for operation in operations)
    asked = {query for operation in operations if (query := operation.types.get("query"))}
    schemas = _components({ProblemDetails, *filter(None, answered), *filter(None, sent), *asked})
    schemas[PROBLEM_CODE]["enum"] = sorted([*problems.PROBLEMS, *GATEWAY_CODES])
    # A query is described by its parameters.
    return {name: schema for name, schema in sorted(schemas.items()) if name not in {query.__name__ for query in asked}}


def _components(types: Iterable[type]) -> Json:
    """Return the schemas of the types and of all types in them by name, as generators of clients read them.

    A field has no default, because some generators make such a field required. A choice of values is a component of its
    own with a type, because generators would invent a type for each place of it.
    """
    _, found = msgspec.json.schema_components(types, ref_template=REFERENCE.format("schemas", "{name}"))
    named: Json = {}
    for schema in found.values():
        if "enum" in schema:
            schema["type"] = JSON_TYPES[type(schema["enum"][0])]
        for field, described in schema.get("properties", {}).items():
            described.pop("default", None)
            schema["properties"][field] = _with_named_types(described, named)
    return {**found, **named}


def _with_named_types(schema: Json, named: Json) -> Json:
    """Return the schema of a field with a reference for each type with a title, and add those types to `named`."""
    if "title" in schema:
        enum = {"type": JSON_TYPES[type(schema["enum"][0])]} if "enum" in schema else {}
        named[schema["title"]] = {**enum, **schema}
        return reference(schema["title"])
    if "anyOf" in schema:
        return {**schema, "anyOf": [_with_named_types(option, named) for option in schema["anyOf"]]}
    return schema


def _example(operation: ApiOperation, part: str) -> Mapping[str, Any]:
    """Return the recorded example of an operation's `body` or status, empty without a record."""
    recorded = examples().get(f"{_camel(operation.view.__name__)} {part}")
    return {} if recorded is None else {"example": recorded}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
