"""The entity tag of a response, and conditional requests (RFC 9110, sections 8.8.3 and 13)."""

import hashlib
import re
from http import HTTPStatus

from chalice.app import Request, Response

from chalicelib.handlers.http.content_codings import COMPRESSED_FROM, accepted_codings

# The headers of a whole response that its 304 repeats. The others describe a body.
KEPT = ("Cache-Control", "Content-Security-Policy", "Vary")
DIGEST_LENGTH = 27

# A tag of `If-None-Match`. The comparison is weak, so the prefix of a weak tag does not count.
_TAG = r'(?:W/)?("[!#-~\x80-\xff]*")'
_LIST = re.compile(rf"(?:[ \t,]*{_TAG})*[ \t,]*")


def tag_of(body: str, accept_encoding: str | None = None) -> str:
    """Return the strong tag of a body as the client gets it. Members with equal answers get equal tags.

    A compressed response has other bytes than the plain one, and so another tag. The gateway chooses the coding among
    those that the client accepts. So the tag names all of these.
    """
    data = body.encode()
    codings = accepted_codings(accept_encoding) if len(data) >= COMPRESSED_FROM else []
    return f'"{"-".join([hashlib.sha256(data).hexdigest()[:DIGEST_LENGTH], *codings])}"'


def is_known(tag: str, if_none_match: str | None) -> bool:
    """Return True if the header lists the tag, or is `*`. A malformed header lists nothing."""
    listed = (if_none_match or "").strip(" \t")
    return listed == "*" or (_LIST.fullmatch(listed) is not None and tag in re.findall(_TAG, listed))


def conditional(request: Request, response: Response) -> Response:
    """Add the tag to a 200 response to GET or HEAD, and leave out a body that the client has already.

    The body is made in any case, so a 304 costs as many reads as its 200.
    """
    if request.method not in ("GET", "HEAD") or response.status_code != HTTPStatus.OK:
        return response
    tag = tag_of(response.body, request.headers.get("accept-encoding"))
    if is_known(tag, request.headers.get("if-none-match")):
        kept = {name: response.headers[name] for name in KEPT if name in response.headers}
        return Response("", headers={**kept, "ETag": tag}, status_code=HTTPStatus.NOT_MODIFIED)
    response.headers["ETag"] = tag
    return response
