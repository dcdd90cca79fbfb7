"""The headers of requests and responses in the OpenAPI document, beside those of problems."""

from http import HTTPStatus
from typing import Any

from chalicelib.handlers.http.operations import ApiOperation

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
UNCHANGED: Json = {"description": "Nothing changed since the response with that `ETag`.", "headers": ETAG}


def parameters_of(operation: ApiOperation) -> list[Json]:
    """Return the request headers of an operation that its view does not name."""
    return [IF_NONE_MATCH] if operation.method == "GET" else []


def with_headers(operation: ApiOperation, successes: Json) -> Json:
    """Return the 2xx responses of an operation with their headers, and with the 304 of a GET."""
    headers = {CREATED: LOCATION, OK: ETAG if operation.method == "GET" else {}}
    found = {
        status: {**response, "headers": headers[status]} if headers.get(status) else response
        for status, response in successes.items()
    }
    return {**found, NOT_MODIFIED: UNCHANGED} if operation.method == "GET" else found
