"""What the runner says itself, in the words of the API."""

import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from chalicelib.handlers.http.headers import API_CSP, SECURITY_HEADERS

PROBLEM = "application/problem+json"

# The status and title of each code.
PROBLEMS = {
    "malformed_request": (400, "Malformed request"),
    "malformed_json": (400, "Malformed JSON"),
    "not_found": (404, "Not found"),
    "method_not_allowed": (405, "Method not allowed"),
    "length_required": (411, "Length required"),
    "too_large": (413, "Body too large"),
    "unsupported_media_type": (415, "Unsupported media type"),
    "invalid_request": (422, "Invalid request"),
    "internal_error": (500, "Internal error"),
}


@dataclass(frozen=True)
class HttpResponse:
    """An HTTP answer, before it is written to a connection."""

    status: int
    headers: dict[str, str | list[str]] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Any:
        """Answer the body, read as JSON."""
        return json.loads(self.body) if self.body else None


def json_answer(payload: Any, status: int = 200, content_type: str = "application/json") -> HttpResponse:
    """Make an answer that nobody may cache, with the headers of every answer of the service."""
    headers: dict[str, str | list[str]] = {"Content-Type": content_type, "Cache-Control": "no-store"}
    headers |= SECURITY_HEADERS | {"Content-Security-Policy": API_CSP}
    return HttpResponse(status, headers, json.dumps(payload, ensure_ascii=False).encode())


def problem(code: str, detail: str, at_fault: str | None = None) -> HttpResponse:
    """Make the problem `code` (RFC 9457), naming the field `at_fault` if it is one."""
    status, title = PROBLEMS[code]
    payload = {
        "type": f"/problems/{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": f"/requests/{uuid.uuid4()}",
        "code": code,
        "message": title,
        "error": title,
    }
    if at_fault is not None:
        payload["field"] = at_fault
    return json_answer(payload, status, PROBLEM)
