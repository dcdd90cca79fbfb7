"""Problems (RFC 9457), the responses to refusals. One table maps each code to its status and title."""

import math
from collections.abc import Sequence
from http import HTTPStatus
from typing import NamedTuple

import msgspec
from chalice.app import Response
from msgspec import UNSET

from chalicelib.domain.model.errors import InvalidInput, Refusal
from chalicelib.handlers.http.responses.schemas import FieldError, ProblemDetails

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER = "Retry-After"
RETRY_AFTER_SECONDS = 1
# The statuses of refusals that time alone may end.
RETRIED = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
INTERNAL_ERROR = "internal_error"
INTERNAL_DETAIL = "Something went wrong on our side."


class Problem(NamedTuple):
    """The status and the title of a code."""

    status: HTTPStatus
    title: str


PROBLEMS = {
    "malformed_json": Problem(HTTPStatus.BAD_REQUEST, "Malformed JSON"),
    "invalid_cursor": Problem(HTTPStatus.BAD_REQUEST, "Invalid cursor"),
    "unauthenticated": Problem(HTTPStatus.UNAUTHORIZED, "Not signed in"),
    "forbidden": Problem(HTTPStatus.FORBIDDEN, "Forbidden"),
    "suspended": Problem(HTTPStatus.FORBIDDEN, "Suspended"),
    "invite_unavailable": Problem(HTTPStatus.NOT_FOUND, "Invite link unavailable"),
    "not_found": Problem(HTTPStatus.NOT_FOUND, "Not found"),
    "method_not_allowed": Problem(HTTPStatus.METHOD_NOT_ALLOWED, "Method not allowed"),
    "not_available": Problem(HTTPStatus.CONFLICT, "Not available"),
    "time_conflict": Problem(HTTPStatus.CONFLICT, "Time conflict"),
    "too_late": Problem(HTTPStatus.CONFLICT, "Too late"),
    "too_large": Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Body too large"),
    "unsupported_media_type": Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Unsupported media type"),
    "invalid_request": Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "Invalid request"),
    "idempotency_key_reused": Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "Idempotency key reused"),
    "rate_limited": Problem(HTTPStatus.TOO_MANY_REQUESTS, "Rate limit reached"),
    "busy": Problem(HTTPStatus.SERVICE_UNAVAILABLE, "Busy"),
    INTERNAL_ERROR: Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal error"),
}


def problem(code: str, detail: str, *, instance: str, inputs: Sequence[InvalidInput] = ()) -> ProblemDetails:
    """Return the body of the problem with that code, and with an error for each invalid input."""
    status, title = PROBLEMS[code]
    return ProblemDetails(
        type=f"/problems/{code}",
        title=title,
        status=int(status),
        detail=detail,
        instance=instance,
        code=code,
        message=detail,
        error=title,
        field=inputs[0].field if inputs else UNSET,
        errors=[FieldError(invalid.field, invalid.detail) for invalid in inputs] or UNSET,
    )


def from_refusal(refusal: Refusal, *, instance: str) -> ProblemDetails:
    """Return the body of a refusal's problem."""
    return problem(refusal.code, refusal.detail, instance=instance, inputs=refusal.inputs)


def response(body: ProblemDetails) -> Response:
    """Return a problem as a JSON response."""
    headers = {"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store", **headers_for(body.status)}
    return Response(msgspec.json.encode(body).decode(), headers=headers, status_code=body.status)


def retry_after(*refusals: Refusal) -> dict[str, str | list[str]]:
    """Return the `Retry-After` header of one response with these refusals, after which a retry of each may succeed.

    Without a refusal with status 429 or 503 there is none.
    """
    seconds = [_seconds_to_retry(refusal) for refusal in refusals if PROBLEMS[refusal.code].status in RETRIED]
    return {RETRY_AFTER: str(max(seconds))} if seconds else {}


def _seconds_to_retry(refusal: Refusal) -> int:
    """Return the whole seconds after which a retry may succeed, at least 1."""
    if refusal.retry_after is None:
        return RETRY_AFTER_SECONDS
    return max(RETRY_AFTER_SECONDS, math.ceil(refusal.retry_after.total_seconds()))


def headers_for(status: int) -> dict[str, str | list[str]]:
    """Return the headers of every problem with that status, as JSON and as a page."""
    if status == HTTPStatus.UNAUTHORIZED:
        return {"WWW-Authenticate": "Bearer"}
    if status in RETRIED:
        return {RETRY_AFTER: str(RETRY_AFTER_SECONDS)}
    return {}
