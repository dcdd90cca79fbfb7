"""The view of `/health`."""

from chalicelib.handlers.http.call import PublicCall
from chalicelib.handlers.http.operations import Ok
from chalicelib.handlers.http.responses import schemas


def get_health(_call: PublicCall) -> Ok[schemas.Health]:
    """Check that the service responds."""
    return Ok(schemas.Health(status="ok"))
