"""The content codings (RFC 9110, section 8.4) of requests and responses."""

from chalice.app import Request

from chalicelib.domain.model.errors import UnsupportedMediaType

IDENTITY = "identity"
CODED_BODY_DETAIL = "Send the body without a Content-Encoding such as gzip."


def check_coding(request: Request) -> None:
    """Raise UnsupportedMediaType for a body in a content coding."""
    codings = (request.headers.get("content-encoding") or IDENTITY).split(",")
    if {coding.strip().lower() for coding in codings} != {IDENTITY}:
        raise UnsupportedMediaType(CODED_BODY_DETAIL)
