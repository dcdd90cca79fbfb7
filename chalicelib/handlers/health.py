"""`/health`: whether the service answers."""

from chalice.app import Request

from chalicelib.handlers import shapes
from chalicelib.handlers.http import Api
from chalicelib.handlers.operations import Ok


def routes(api: Api) -> None:
    """The route that monitors call; it asks nothing of the table."""

    @api.public("/health")
    def get_health(_request: Request) -> Ok[shapes.Health]:
        """Tell whether the service answers."""
        return Ok(shapes.Health())
