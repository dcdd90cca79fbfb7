"""The web app of the local run, as the content delivery network of a deployment serves it."""

from collections.abc import Mapping
from pathlib import Path

from chalicelib.handlers.http.routes import ROUTES
from chalicelib.handlers.pages import html_page
from infra.local.http.compression import compressed
from infra.local.http.responses import HttpResponse
from infra.local.http.server import HttpRequest
from infra.web.site import INDEX, SiteFile, headers_of, site_files

# The first segments of the API's paths. All other pages belong to the app.
API_SEGMENTS = frozenset(path.split("/")[1] for _, path in ROUTES) | {"dev", "live", ".well-known"}


class WebApp:
    """The files of the last build. Every path of a page that is not the API's gets the index file."""

    def __init__(self, built: Path, connect: tuple[str, ...]) -> None:
        self._files: Mapping[str, SiteFile] = site_files(built) if built.exists() else {}
        self._connect = connect

    def respond(self, request: HttpRequest) -> HttpResponse | None:
        """Return the response with a file, or None for a request that is not for the app."""
        if request.method not in ("GET", "HEAD") or not self._files:
            return None
        name = request.path.removeprefix("/")
        headers = {header.lower(): value for header, value in request.headers.items()}
        is_page = name.split("/")[0] not in API_SEGMENTS and html_page.is_wanted(headers.get("accept"))
        file = self._files.get(name) or (self._files[INDEX] if is_page else None)
        if file is None:
            return None
        return compressed(request.headers, HttpResponse(200, {**headers_of(file, self._connect)}, file.content))
