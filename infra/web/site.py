"""The files of the built web app, with the headers of their responses."""

import hashlib
import html
import json
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from chalicelib.handlers.http.responses.headers import SECURITY_HEADERS
from chalicelib.settings import Settings

# A room of the app uses the camera, the microphone and the screen of its member, and plays the sound of the partner.
PERMISSIONS_POLICY = "autoplay=(self), camera=(self), display-capture=(self), microphone=(self)"
INDEX, MANIFEST = "index.html", "manifest.webmanifest"
# The name of the product in a build.
OUR_NAME = "Lockstep"
# The names of these files contain a digest of their content.
IMMUTABLE_FOLDER = "assets/"
IMMUTABLE, REVALIDATED = "public, max-age=31536000, immutable", "no-cache"
# The same types on every machine. The standard library reads further ones from files of the machine.
CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True)
class SiteFile:
    """A file of the app with its content type and its caching."""

    name: str
    content: bytes
    content_type: str
    cache_control: str

    @property
    def entity_tag(self) -> str:
        """The tag of the content. It is weak, since the compressed file has the same one."""
        return f'W/"{hashlib.sha256(self.content).hexdigest()[:32]}"'


def site_files(built: Path) -> Mapping[str, SiteFile]:
    """Return the files of a build by their names. Hidden files and the files in hidden folders are left out."""
    paths = {path.relative_to(built).as_posix(): path for path in sorted(built.rglob("*")) if path.is_file()}
    return {name: _file(name, path) for name, path in paths.items() if not _is_hidden(name)}


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") for part in name.split("/"))


def _file(name: str, path: Path) -> SiteFile:
    content_type = CONTENT_TYPES.get(path.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    caching = IMMUTABLE if name.startswith(IMMUTABLE_FOLDER) else REVALIDATED
    return SiteFile(name, path.read_bytes(), content_type, caching)


def branded(files: Mapping[str, SiteFile], product_name: str) -> Mapping[str, SiteFile]:
    """Return the files with the operator's name in the index file and the manifest, which have ours in a build."""
    names = {
        INDEX: html.escape(product_name),
        MANIFEST: json.dumps(product_name, ensure_ascii=False)[1:-1],
    }
    return {
        name: replace(file, content=file.content.replace(OUR_NAME.encode(), names[name].encode()))
        if name in names
        else file
        for name, file in files.items()
    }


def connected_origins(settings: Settings) -> tuple[str, ...]:
    """Return the origins of live connections and of the provider's token and revocation endpoints."""
    live, sign_in = settings.messaging.live_url, settings.sign_in
    addresses = (live, sign_in.token_url, sign_in.revocation_url) if sign_in else (live,)
    return tuple(dict.fromkeys("/".join(address.split("/")[:3]) for address in addresses if address))


def policy(connect: tuple[str, ...]) -> str:
    """Return the content security policy of the app, which may also send requests to the origins in `connect`."""
    sources = " ".join(("'self'", *connect))
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' https:",
            "manifest-src 'self'",
            f"connect-src {sources}",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
        )
    )


def page_headers(connect: tuple[str, ...]) -> dict[str, str]:
    """Return the headers of every response of the app."""
    return {**SECURITY_HEADERS, "Content-Security-Policy": policy(connect), "Permissions-Policy": PERMISSIONS_POLICY}
