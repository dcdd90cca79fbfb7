"""The view of `/health`."""

from chalicelib.handlers.http import schemas
from chalicelib.handlers.http.call import PublicCall
from chalicelib.handlers.http.operations import Ok


def get_health(_call: PublicCall) -> Ok[schemas.Health]:
    """Check that the service responds."""
    return Ok(schemas.Health(status="ok"))
