"""The compression of responses of the API, as by the gateway of a deployment."""

import gzip
from collections.abc import Mapping

from chalicelib.handlers.http.content_codings import COMPRESSED_FROM, GZIP, accepted_codings
from infra.local.http.responses import HttpResponse


def compressed(headers: Mapping[str, str], response: HttpResponse) -> HttpResponse:
    """Return the response to a request with these headers, compressed if it is long and the client takes gzip."""
    accept_encoding = {name.lower(): value for name, value in headers.items()}.get("accept-encoding")
    if len(response.body) < COMPRESSED_FROM or GZIP not in accepted_codings(accept_encoding):
        return response
    # Without the time of compression, so that equal responses have equal bytes.
    body = gzip.compress(response.body, compresslevel=6, mtime=0)
    return HttpResponse(response.status, response.headers | {"Content-Encoding": GZIP}, body)
