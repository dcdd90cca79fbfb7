"""The registration of every route on the app.

Each function of the stack imports app.py, but only the API's function receives requests. The modules that answer them
are imported with the first request, so that they do not slow the cold start of the other functions.
"""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from chalice.app import Blueprint, Chalice, Request, Response

from chalicelib.handlers.http.routes import ROUTES, UNKNOWN_PATH, methods_of
from chalicelib.services.context import Context

if TYPE_CHECKING:
    from chalicelib.handlers.http.api import Api
    from chalicelib.handlers.http.identity.tokens import TokenVerifier


def register_routes(app: Chalice, context: Context, tokens: "TokenVerifier | None" = None) -> None:
    """Register every route of the table on the app, and the unknown paths. The first request creates the API.

    Without `tokens` the API verifies the tokens of the configured issuer.
    """

    @cache
    def api() -> "Api":
        # Imported with the first request: only the API's function receives one.
        from chalicelib.handlers.http.api import Api

        return Api(context, tokens)

    blueprint = Blueprint(__name__)

    def respond(**parameters: str) -> Response:
        return api().respond(blueprint.current_request, parameters)

    for path in (*dict.fromkeys(path for _, path in ROUTES), UNKNOWN_PATH):
        # Without content types Chalice leaves the check of the body's type to `requests.body`.
        blueprint.route(path, methods=methods_of(path), content_types=[], name=path)(respond)
    app.register_blueprint(blueprint)

    @app.middleware("http")
    def for_every_route(request: Request, get_response: Callable[[Request], Response]) -> Response:
        return api().around(request, get_response)
