"""The files of the built web app, with the headers of their responses."""

import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chalicelib.handlers.http.responses.headers import SECURITY_HEADERS

INDEX = "index.html"
# The names of these files contain a digest of their content.
IMMUTABLE_FOLDER = "assets/"
IMMUTABLE, REVALIDATED = "public, max-age=31536000, immutable", "no-cache"


@dataclass(frozen=True)
class SiteFile:
    """A file of the app with its content type and its caching."""

    name: str
    content: bytes
    content_type: str
    cache_control: str


def site_files(built: Path) -> Mapping[str, SiteFile]:
    """Return the files of a build by their names. Source maps are left out."""
    paths = (path for path in sorted(built.rglob("*")) if path.is_file() and path.suffix != ".map")
    return {path.relative_to(built).as_posix(): _file(path.relative_to(built).as_posix(), path) for path in paths}


def _file(name: str, path: Path) -> SiteFile:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    content_type = f"{kind}; charset=utf-8" if kind.startswith("text/") or kind.endswith("javascript") else kind
    return SiteFile(
        name, path.read_bytes(), content_type, IMMUTABLE if name.startswith(IMMUTABLE_FOLDER) else REVALIDATED
    )


def policy(connect: tuple[str, ...]) -> str:
    """Return the content security policy of the app, which may also send requests to the origins in `connect`."""
    sources = " ".join(("'self'", *connect))
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' https: data:",
            "manifest-src 'self'",
            f"connect-src {sources}",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
        )
    )


def headers_of(file: SiteFile, connect: tuple[str, ...]) -> dict[str, str]:
    """Return the headers of the response with a file."""
    return {
        **SECURITY_HEADERS,
        "Content-Type": file.content_type,
        "Cache-Control": file.cache_control,
        "Content-Security-Policy": policy(connect),
    }
