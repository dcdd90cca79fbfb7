"""`/health`: whether the service answers."""

from http import HTTPStatus

from chalice.app import Blueprint, Response


def routes() -> Blueprint:
    """The route that monitors call; it asks nothing of the table."""
    blueprint = Blueprint(__name__)

    @blueprint.route("/health", methods=["GET"], content_types=[])
    def get_health() -> Response:
        return Response({"status": "ok"}, headers={"Cache-Control": "no-store"}, status_code=HTTPStatus.OK)

    return blueprint
