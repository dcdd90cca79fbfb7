"""The API gateway of the local run, which passes HTTP requests to the app as Lambda events."""

import base64
import json
import threading
from typing import Any

from chalice import Chalice
from chalice.config import Config
from chalice.local import LocalChalice, LocalGateway

from infra.local.http.compression import compressed
from infra.local.http.responses import HttpResponse, problem
from infra.local.http.server import HttpRequest

# All threads share one interpreter. More parallel requests would wait for each other and delay the stream's thread.
MOST_PARALLEL = 2

# A path that only the route of unknown paths matches. Chalice knows paths of one segment only by that route.
UNKNOWN_TARGET = "/-"

# Chalice's own errors as problems of the API.
REFUSALS = {
    400: ("malformed_request", "The request could not be read."),
    405: ("method_not_allowed", "This path does not take this method."),
    415: ("unsupported_media_type", "This path does not take this kind of body."),
    500: ("internal_error", "The server's log has the details."),
}


class Gateway:
    """The Chalice app, callable from many threads."""

    def __init__(self, app: Chalice, config: Config) -> None:
        # As chalice.local does. Otherwise threads would read each other's current request.
        app.__class__ = type("ThreadedApp", (LocalChalice, type(app)), {})
        self._slots = threading.BoundedSemaphore(MOST_PARALLEL)
        self._gateway = LocalGateway(app, config)
        self._match = self._gateway.event_converter._route_matcher.match_route

    def respond(self, request: HttpRequest) -> HttpResponse:
        """Return the response of the deployed API."""
        try:
            self._match(request.target)
            target = request.target
        except ValueError:
            target = UNKNOWN_TARGET
        with self._slots:
            response = self._gateway.handle_request(request.method, target, request.headers, request.body or None)
        return compressed(request.headers, _translated(response))

    def call(self, method: str, path: str, token: str, payload: Any = None) -> HttpResponse:
        """Send a request with a member's token, without a connection."""
        headers = {"authorization": f"Bearer {token}"}
        if payload is None:
            return self.respond(HttpRequest(method, path, headers))
        headers["content-type"] = "application/json"
        return self.respond(HttpRequest(method, path, headers, json.dumps(payload).encode()))


def _translated(response: dict[str, Any]) -> HttpResponse:
    status, headers = response["statusCode"], {**response["headers"], **response["multiValueHeaders"]}
    if status in REFUSALS and headers.get("Content-Type", "application/json") == "application/json":
        refusal = problem(*REFUSALS[status])
        return HttpResponse(status, headers | refusal.headers, refusal.body)
    body = response["body"] or b""
    if response.get("isBase64Encoded"):
        body = base64.b64decode(body)
    elif isinstance(body, str):
        body = body.encode()
    return HttpResponse(status, headers, body)
