"""The paths of the API on the origin that it shares with the web app. Every other page path belongs to the app."""

from collections.abc import Iterator

from chalicelib.handlers.http.routes import ROUTES


def _patterns() -> Iterator[str]:
    for path in sorted({path for _, path in ROUTES}):
        _, first, *rest = path.split("/")
        yield f"/{first}/*" if rest else f"/{first}"


# Exact paths such as `/health`, and patterns such as `/v1/*` for all paths with a first segment.
API_PATTERNS = tuple(dict.fromkeys(_patterns()))


def is_api_path(path: str) -> bool:
    """Return whether a path belongs to the API."""
    first = path.split("/")[1] if path.startswith("/") else ""
    return path in API_PATTERNS or (path != f"/{first}" and f"/{first}/*" in API_PATTERNS)


def is_page_path(path: str) -> bool:
    """Return whether a path outside the API is that of a page, not of a file. The last segment of a page has no dot."""
    return path.startswith("/") and not is_api_path(path) and "." not in path.rpartition("/")[2]
