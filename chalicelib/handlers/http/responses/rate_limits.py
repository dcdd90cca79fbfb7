"""The headers of limits that are near (draft-ietf-httpapi-ratelimit-headers), as lists of structured fields (RFC 9651).

They are about limits of the caller only, and from facts that the request has read.
"""

import math
from collections.abc import Iterable
from datetime import timedelta

from chalicelib.domain.model.errors import RateLimited, Refusal
from chalicelib.domain.model.limit_use import LimitUse

POLICY, LEFT = "RateLimit-Policy", "RateLimit"


def headers_of(uses: Iterable[LimitUse]) -> dict[str, str | list[str]]:
    """Return the two headers, the quota and what is left of each limit. Without limits there are none."""
    listed = list(uses)
    if not listed:
        return {}
    return {
        POLICY: ", ".join(f'"{use.name}";q={use.quota}{_seconds("w", use.window)}' for use in listed),
        LEFT: ", ".join(f'"{use.name}";r={use.left}{_seconds("t", use.resets_in)}' for use in listed),
    }


def headers_near(uses: Iterable[LimitUse]) -> dict[str, str | list[str]]:
    """Return the headers of the limits that are near."""
    return headers_of(use for use in uses if use.is_near)


def headers_beyond(refusal: Refusal) -> dict[str, str | list[str]]:
    """Return the headers of a refusal for the limit that the request exceeds."""
    return headers_of([refusal.use]) if isinstance(refusal, RateLimited) and refusal.use else {}


def _seconds(parameter: str, time: timedelta | None) -> str:
    return "" if time is None else f";{parameter}={max(0, math.ceil(time.total_seconds()))}"
