"""The entity tag of a response, and conditional requests (RFC 9110, sections 8.8.3 and 13)."""

import hashlib
import re
from collections.abc import Iterable
from http import HTTPStatus

from chalice.app import Request, Response

from chalicelib.handlers.http.content_codings import COMPRESSED_FROM, DEFLATE, GZIP, accepted_codings

# The headers of a whole response that its 304 repeats. The others describe a body.
KEPT = ("Cache-Control", "Content-Security-Policy", "Vary")
DIGEST_LENGTH = 27
# What is between the digest of a body and the names of the accepted codings, and each set of codings.
SEPARATOR = "-"
CODING_SETS = ((), (GZIP,), (DEFLATE,), (GZIP, DEFLATE))

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
    return _tag(hashlib.sha256(data).hexdigest()[:DIGEST_LENGTH], codings)


def is_known(tag: str, if_none_match: str | None) -> bool:
    """Return True if the header lists a tag of the same body in any codings, or is `*`.

    The comparison is weak, so other codings of a body are as good as the chosen one. A malformed header lists nothing.
    """
    listed = (if_none_match or "").strip(" \t")
    if listed == "*":
        return True
    digest = tag.strip('"').partition(SEPARATOR)[0]
    same = {_tag(digest, codings) for codings in CODING_SETS}
    return _LIST.fullmatch(listed) is not None and not same.isdisjoint(re.findall(_TAG, listed))


def _tag(digest: str, codings: Iterable[str]) -> str:
    return f'"{SEPARATOR.join([digest, *codings])}"'


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
