"""The description of the API in OpenAPI 3.1, made from what parses and what presents.

Imported by whoever asks for it, so that a cold start of any other route does not pay for it. The examples are answers
that were recorded from the running service, by operation and status, problems by their code.
"""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from http import HTTPStatus
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from chalicelib.handlers.http import problems, requests
from chalicelib.handlers.http.access import Access, least_scope
from chalicelib.handlers.http.authentication import API_KEY
from chalicelib.handlers.http.operations import HTML, JSON, Operation
from chalicelib.handlers.http.schemas import ProblemDetails, Schema, reference

Json = dict[str, Any]

EXAMPLES = Path(__file__).with_name("examples.json")
REFERENCE = "#/components/{}/{}"

ABOUT = """\
One-to-one virtual coworking: two people book the same slot, are paired, and work side by side on video.

Instants go out in UTC without fractions, and any ISO 8601 instant with an offset comes in. Durations are milliseconds.
Unknown fields of a body are refused and named, unknown query parameters are ignored. A path that is none of these gets
404 `not_found`, a method that a path does not have 405 `method_not_allowed`; a gateway in between may say 404 to both.

Every refusal is a problem (RFC 9457) whose `code` says what is wrong; it changes nothing.\
"""


@cache
def examples() -> Json:
    """The recorded answers."""
    found: Json = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    return found


def describe(operations: Iterable[Operation]) -> Json:
    """The OpenAPI document of the operations, but for the server: whoever serves it knows where."""
    operations = sorted(operations, key=lambda operation: (operation.path, operation.method))
    paths: dict[str, Json] = {}
    responses: Json = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, responses)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Lockstep", "version": "1", "description": ABOUT, "license": {"name": "MIT"}},
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


def _operation(operation: Operation, responses: Json) -> Json:
    """One operation; the responses that others have too are added to `responses` and named."""
    summary, _, more = (operation.view.__doc__ or "").partition("\n\n")
    described: Json = {
        "operationId": _camel(operation.view.__name__),
        "tags": [operation.view.__module__.rpartition(".")[2]],
        "summary": summary,
        "security": _security(operation.access),
    }
    if more:
        described["description"] = more
    if parameters := [*_path_parameters(operation), *_query_parameters(operation), *_header_parameters(operation)]:
        described["parameters"] = parameters
    if body := operation.types.get("body"):
        sent = {"schema": reference(body.__name__), **_example(operation, "body")}
        described["requestBody"] = {"required": True, "content": {JSON: sent}}
    described["responses"] = {**_answers(operation), **_refusals(operation, responses)}
    return described


def _security(access: Access) -> list[Json]:
    """The ways to tell who calls: a bearer token, or a key of that scope at the least."""
    if access is Access.ANYBODY:
        return []
    scope = least_scope(access)
    return [{"bearer": []}, *([{"key": [scope]}] if scope else [])]


def _path_parameters(operation: Operation) -> list[Json]:
    names = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _query_parameters(operation: Operation) -> list[Json]:
    if "query" not in operation.types:
        return []
    shape = operation.types["query"]
    _, components = msgspec.json.schema_components([shape])
    schema = components[shape.__name__]
    return [
        {"name": name, "in": "query", "required": name in schema["required"], "schema": described}
        for name, described in schema["properties"].items()
    ]


def _header_parameters(operation: Operation) -> list[Json]:
    if "key" not in operation.types:
        return []
    schema = {"type": "string", "pattern": requests.VISIBLE}
    does = "The same key and body within 24 hours give the first 2xx answer again and have no second effect."
    return [
        {"name": requests.IDEMPOTENCY_KEY, "in": "header", "required": False, "description": does, "schema": schema}
    ]


def _answers(operation: Operation) -> Json:
    """The answers that are 2xx, by status."""
    found: Json = {}
    for status, media_type, shape in operation.answers:
        response = found.setdefault(str(int(status)), {"description": shape.__doc__ if shape else status.phrase})
        if shape:
            content = {"schema": reference(shape.__name__), **_example(operation, str(int(status)))}
        else:
            content = {"schema": {"type": "object" if media_type == JSON else "string"}}
        if media_type:
            response.setdefault("content", {})[media_type] = content
    return found


def _refusals(operation: Operation, responses: Json) -> Json:
    """The problems that the operation may answer, by status; each set of codes is one response for all."""
    details = {refusal.code: refusal.default_detail for refusal in operation.refusals}
    details[problems.INTERNAL_ERROR] = problems.OUR_FAULT
    page = any(answer.media_type == HTML for answer in operation.answers)
    found: Json = {}
    for status in sorted({problems.PROBLEMS[code].status for code in details}):
        same = {code: details[code] for code in sorted(details) if problems.PROBLEMS[code].status == status}
        name = ".".join([*same, *(["page"] if page else [])])
        responses[name] = _problem(status, same, page=page)
        found[str(int(status))] = {"$ref": REFERENCE.format("responses", name)}
    return found


def _problem(status: HTTPStatus, details: Mapping[str, str], *, page: bool) -> Json:
    """A response with one of these codes; whoever asks for a page gets it as one."""
    told = {"code": {"enum": list(details)}, "status": {"const": int(status)}}
    content: Json = {"schema": {**reference(ProblemDetails.__name__), "properties": told}}
    if recorded := {code: {"value": examples()[code]} for code in details if code in examples()}:
        content["examples"] = recorded
    response: Json = {
        "description": "\n".join(f"`{code}`: {detail}" for code, detail in details.items()),
        "content": {problems.CONTENT_TYPE: content, **({HTML: {"schema": {"type": "string"}}} if page else {})},
    }
    if headers := problems.headers_for(status):
        response["headers"] = {name: {"required": True, "schema": {"type": "string"}} for name in headers}
    return response


def _schemas(operations: Iterable[Operation]) -> Json:
    """The schema of every shape that comes in or goes out, by name."""
    answered = (answer.shape for operation in operations for answer in operation.answers)
    sent = (operation.types.get("body") for operation in operations)
    # What stands for any of its subclasses does not lead to them.
    choices = {shape: shape.__subclasses__() for shape in Schema.__subclasses__() if not shape.__struct_fields__}
    types = {ProblemDetails, *filter(None, answered), *filter(None, sent), *chain(*choices.values())}
    _, schemas = msgspec.json.schema_components(types, ref_template=REFERENCE.format("schemas", "{name}"))
    for shape, options in choices.items():
        schemas[shape.__name__] = {
            "title": shape.__name__,
            "description": shape.__doc__,
            "oneOf": [reference(option.__name__) for option in options],
        }
    return dict(sorted(schemas.items()))


def _example(operation: Operation, what: str) -> Mapping[str, Any]:
    """What was recorded of an operation, if anything was."""
    recorded = examples().get(f"{_camel(operation.view.__name__)} {what}")
    return {} if recorded is None else {"example": recorded}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
