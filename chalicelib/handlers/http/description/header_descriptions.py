"""The headers of requests and responses in the OpenAPI document, beside those of problems."""

from http import HTTPStatus
from typing import Any

from chalicelib.domain.model.errors import RateLimited
from chalicelib.handlers.http.operations import ApiOperation
from chalicelib.handlers.http.responses import problems
from chalicelib.handlers.http.responses.schemas import BatchResults

Json = dict[str, Any]

OK, CREATED, NOT_MODIFIED = (
    str(int(status)) for status in (HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NOT_MODIFIED)
)
TEXT = {"type": "string"}
ETAG: Json = {"ETag": {"required": True, "description": "The strong tag of this response.", "schema": TEXT}}
IF_NONE_MATCH: Json = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The `ETag` of a response that the client has. If nothing changed, the status is 304.",
    "schema": TEXT,
}
LOCATION: Json = {
    "Location": {"required": True, "description": "The path at which a GET shows what was created.", "schema": TEXT}
}
LIMITS: Json = {
    "RateLimit-Policy": {
        "required": False,
        "description": "The caller's limits that are near: quota (`q`) and window in seconds (`w`).",
        "schema": TEXT,
    },
    "RateLimit": {
        "required": False,
        "description": "What is left of each (`r`), and the seconds until there is more (`t`).",
        "schema": TEXT,
    },
}
RETRY_AFTER: Json = {
    problems.RETRY_AFTER: {
        "required": False,
        "description": "The seconds after which every item with status 429 or 503 may succeed.",
        "schema": TEXT,
    }
}
UNCHANGED: Json = {"description": "Nothing changed since the response with that `ETag`.", "headers": ETAG}


def parameters_of(operation: ApiOperation) -> list[Json]:
    """Return the request headers of an operation that its view does not name."""
    return [IF_NONE_MATCH] if operation.method == "GET" else []


def with_headers(operation: ApiOperation, successes: Json) -> Json:
    """Return the 2xx responses of an operation with their headers, and with the 304 of a GET."""
    limits = LIMITS if RateLimited in operation.own_refusals else {}
    batch = RETRY_AFTER if any(answer.schema is BatchResults for answer in operation.answers) else {}
    own = {CREATED: LOCATION, OK: ETAG if operation.method == "GET" else batch}
    found = {}
    for status, response in successes.items():
        headers = {**own.get(status, {}), **limits}
        found[status] = {**response, "headers": headers} if headers else response
    return {**found, NOT_MODIFIED: UNCHANGED} if operation.method == "GET" else found
