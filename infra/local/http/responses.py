"""Responses of the local run itself, with the headers and problems of the API."""

import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from chalicelib.handlers.http.responses.headers import API_CSP, SECURITY_HEADERS

PROBLEM = "application/problem+json"

# The status and title of each code.
PROBLEMS = {
    "malformed_request": (400, "Malformed request"),
    "malformed_json": (400, "Malformed JSON"),
    "forbidden": (403, "Forbidden"),
    "not_found": (404, "Not found"),
    "method_not_allowed": (405, "Method not allowed"),
    "too_large": (413, "Body too large"),
    "unsupported_media_type": (415, "Unsupported media type"),
    "upgrade_required": (426, "Upgrade required"),
    "invalid_request": (422, "Invalid request"),
    "internal_error": (500, "Internal error"),
}


@dataclass(frozen=True)
class HttpResponse:
    """An HTTP response, before it is written to a connection."""

    status: int
    headers: dict[str, str | list[str]] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Any:
        """Return the body parsed as JSON, or None without a body."""
        return json.loads(self.body) if self.body else None


def json_response(payload: Any, status: int = 200, content_type: str = "application/json") -> HttpResponse:
    """Return an uncacheable response with the security headers of the service."""
    headers: dict[str, str | list[str]] = {"Content-Type": content_type, "Cache-Control": "no-store"}
    headers |= SECURITY_HEADERS | {"Content-Security-Policy": API_CSP}
    return HttpResponse(status, headers, json.dumps(payload, ensure_ascii=False).encode())


def problem(code: str, detail: str, invalid_field: str | None = None) -> HttpResponse:
    """Return the problem `code` (RFC 9457), with the name of the invalid field if there is one."""
    status, title = PROBLEMS[code]
    payload: dict[str, Any] = {
        "type": f"/problems/{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": f"/requests/{uuid.uuid4()}",
        "code": code,
        "message": detail,
        "error": title,
    }
    if invalid_field is not None:
        payload |= {"field": invalid_field, "errors": [{"field": invalid_field, "detail": detail}]}
    return json_response(payload, status, PROBLEM)
