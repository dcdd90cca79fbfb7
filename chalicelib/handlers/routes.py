"""Every route, and the resource that answers it: a module that is imported with the first request for it.

Each function of the stack imports app.py, and only the API is sent requests: what answers them costs the others no time
at their start, and one resource costs nothing while another is asked for.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING

from chalice.app import Blueprint, Chalice, Request, Response

from chalicelib.handlers.access import ACCESS
from chalicelib.services.lockstep import Lockstep

if TYPE_CHECKING:
    from chalicelib.handlers.http import Api
    from chalicelib.handlers.tokens import TokenVerifier

RESOURCES: Mapping[str, str] = {
    "/health": "health",
    "/docs": "description",
    "/openapi.json": "description",
    "/i/{token}": "invites",
    "/v1/me": "members",
    "/v1/me/export": "members",
    "/v1/users/{userId}": "members",
    "/v1/users/{userId}/availability": "availability",
    "/v1/people": "people",
    "/v1/people/{userId}/favorite": "people",
    "/v1/people/{userId}/snooze": "people",
    "/v1/people/{userId}/block": "people",
    "/v1/sessions": "sessions",
    "/v1/sessions/batch": "sessions",
    "/v1/sessions/{sessionId}": "sessions",
    "/v1/calendar": "availability",
    "/v1/availability/favorites": "availability",
    "/v1/invite-links": "invites",
    "/v1/invite-links/{inviteLinkId}": "invites",
    "/v1/api-keys": "api_keys",
    "/v1/api-keys/{apiKeyId}": "api_keys",
}


def methods_of(path: str) -> list[str]:
    """The methods of a path, the preflight's last."""
    return [*sorted(method for method, of in ACCESS if of == path), "OPTIONS"]


def register_routes(app: Chalice, lockstep: Lockstep, tokens: "TokenVerifier | None" = None) -> "Callable[[], Api]":
    """Register every route on the app, and answer what makes the API, which the first request does.

    Callers are told by tokens of the configured issuer, unless by others.
    """

    @cache
    def api() -> "Api":
        from chalicelib.handlers.http import Api

        return Api(lockstep, tokens)

    blueprint = Blueprint(__name__)

    def respond(**parameters: str) -> Response:
        return api().respond(blueprint.current_request, parameters)

    for path in RESOURCES:
        # Without content types Chalice leaves the check of the body's type to `inputs.body`.
        blueprint.route(path, methods=methods_of(path), content_types=[], name=path)(respond)
    app.register_blueprint(blueprint)

    @app.middleware("http")
    def for_every_route(request: Request, get_response: Callable[[Request], Response]) -> Response:
        return api().around(request, get_response)

    return api
