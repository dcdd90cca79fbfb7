"""`/health`: whether the service answers."""

from chalicelib.handlers import shapes
from chalicelib.handlers.http import PublicCall
from chalicelib.handlers.operations import Ok


def get_health(_call: PublicCall) -> Ok[shapes.Health]:
    """Tell whether the service answers."""
    return Ok(shapes.Health())
