"""`/health`: whether the service answers."""

from chalicelib.handlers.http import schemas
from chalicelib.handlers.http.api import PublicCall
from chalicelib.handlers.http.operations import Ok


def get_health(_call: PublicCall) -> Ok[schemas.Health]:
    """Tell whether the service answers."""
    return Ok(schemas.Health())
