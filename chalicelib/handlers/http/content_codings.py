"""The content codings (RFC 9110, section 8.4) of requests and responses."""

import re

from chalice.app import Request

from chalicelib.domain.model.errors import UnsupportedMediaType

IDENTITY, GZIP, DEFLATE = "identity", "gzip", "deflate"
# The bytes from which a response is compressed. A shorter one fits in one packet.
COMPRESSED_FROM = 1024
_WEIGHT = re.compile(r"q[ \t]*=[ \t]*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")
CODED_BODY_DETAIL = "Send the body without a Content-Encoding such as gzip."


def accepted_codings(accept_encoding: str | None) -> list[str]:
    """Return those of gzip and deflate that an `Accept-Encoding` prefers to the plain bytes.

    The function does not compress. The gateway in front does, by its choice among these.
    """
    weights: dict[str, float] = {}
    for part in (accept_encoding or "").lower().split(","):
        name, _, parameter = (text.strip() for text in part.partition(";"))
        weights[name.removeprefix("x-")] = _weight(parameter)
    rest, plain = weights.get("*", 0.0), weights.get(IDENTITY, 0.0)
    found = {coding: weights.get(coding, rest) for coding in (GZIP, DEFLATE)}
    return [coding for coding, weight in found.items() if 0 < weight >= plain]


def _weight(parameter: str) -> float:
    """Return the weight of a coding, 1 without one and 0 for a malformed one."""
    if not parameter:
        return 1
    weight = _WEIGHT.fullmatch(parameter)
    return float(weight[1]) if weight else 0


def check_coding(request: Request) -> None:
    """Raise UnsupportedMediaType for a body in a content coding."""
    codings = (request.headers.get("content-encoding") or IDENTITY).split(",")
    if {coding.strip().lower() for coding in codings} != {IDENTITY}:
        raise UnsupportedMediaType(CODED_BODY_DETAIL)
