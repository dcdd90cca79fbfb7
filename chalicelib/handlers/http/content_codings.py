"""The content codings (RFC 9110, section 8.4) of requests and responses."""

import re

from chalicelib.domain.model.errors import Refusal, UnsupportedCoding

IDENTITY, GZIP, DEFLATE = "identity", "gzip", "deflate"
# The bytes from which a response is compressed. A shorter one fits in one packet.
COMPRESSED_FROM = 1024
_WEIGHT = re.compile(r"q[ \t]*=[ \t]*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")


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


def check_coding(content_encoding: str | None) -> None:
    """Raise UnsupportedCoding for a body in a content coding."""
    if {coding.strip().lower() for coding in (content_encoding or IDENTITY).split(",")} != {IDENTITY}:
        raise UnsupportedCoding


def accepted_by(refusal: Refusal) -> dict[str, str | list[str]]:
    """Return the header that says which coding of a body is accepted.

    A refusal for another reason must not have it (RFC 9110, section 12.5.3).
    """
    return {"Accept-Encoding": IDENTITY} if isinstance(refusal, UnsupportedCoding) else {}
