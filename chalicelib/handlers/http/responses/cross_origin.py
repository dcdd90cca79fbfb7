"""The headers for pages of other origins (CORS, in the Fetch standard).

No response permits cookies. A page can only send a credential that it has itself, so a deployment may permit all pages.
"""

# The setting that permits the pages of all origins, and the header that says so.
ALL_ORIGINS = "*"

# Every method of the API, for every path: otherwise a page could not read that a path does not take its method.
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
ALLOWED_HEADERS = ",".join(
    (
        "Authorization",
        "Content-Type",
        "Idempotency-Key",
        "If-None-Match",
        "X-API-KEY",
        # The headers of tracing: W3C Trace Context, W3C Baggage and Sentry.
        "traceparent",
        "tracestate",
        "baggage",
        "sentry-trace",
    )
)
# Pages compare their clock with `Date`.
EXPOSED_HEADERS = "Date,ETag,Location,RateLimit,RateLimit-Policy,Retry-After"
PREFLIGHT_MAX_AGE_SECONDS = 600

Headers = dict[str, str | list[str]]


def readable_by(origins: tuple[str, ...], origin: str | None) -> Headers:
    """Return the headers that let a page of the request's origin read the response, none for other pages."""
    allowed = ALL_ORIGINS if ALL_ORIGINS in origins else origin
    if allowed is None or allowed not in origins:
        return {}
    return {"Access-Control-Allow-Origin": allowed, "Access-Control-Expose-Headers": EXPOSED_HEADERS}


def depends_on_origin(origins: tuple[str, ...]) -> bool:
    """Return True if responses to different origins differ, as `Vary` must say."""
    return bool(origins) and ALL_ORIGINS not in origins


def preflight_headers() -> Headers:
    """Return the headers of the response to a preflight, for every path."""
    return {
        "Access-Control-Allow-Methods": ",".join(METHODS),
        "Access-Control-Allow-Headers": ALLOWED_HEADERS,
        "Access-Control-Max-Age": str(PREFLIGHT_MAX_AGE_SECONDS),
        "Cache-Control": "no-store",
    }
