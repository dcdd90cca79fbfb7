"""The web app of the local run, as the content delivery network of a deployment serves it."""

from collections.abc import Mapping
from pathlib import Path

from chalicelib.handlers.pages import html_page
from infra.local.http.compression import compressed
from infra.local.http.responses import HttpResponse
from infra.local.http.server import HttpRequest
from infra.web.api_paths import is_page_path
from infra.web.site import INDEX, SiteFile, branded, page_headers, site_files

# The paths of the local run alone.
DEV_SEGMENTS = ("dev", "live", ".well-known")
NOT_BUILT = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>Lockstep</title><h1>The web app is not built</h1>"
    "<p>The API is served. <code>make run</code> and <code>.venv/bin/python -m infra.web</code> build the app, and say"
    " why if they cannot. Then start again.</p></html>"
)


class WebApp:
    """The files of the last build. Every path of a page that is not the API's gets the index file."""

    def __init__(self, built: Path, product_name: str, connect: tuple[str, ...]) -> None:
        files = site_files(built) if (built / INDEX).exists() else {}
        self._files: Mapping[str, SiteFile] = branded(files, product_name)
        self._headers = page_headers(connect)

    def respond(self, request: HttpRequest) -> HttpResponse | None:
        """Return the response with a file, or None for a request that is not for the app."""
        if request.method not in ("GET", "HEAD"):
            return None
        headers = {header.lower(): value for header, value in request.headers.items()}
        file = self._files.get(request.path.removeprefix("/"))
        if file is None and _is_for_a_page(request.path, headers.get("accept")):
            file = self._files.get(INDEX)
            if file is None:
                html = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}
                return HttpResponse(503, {**self._headers, **html}, NOT_BUILT.encode())
        if file is None:
            return None
        response = HttpResponse(
            200,
            {
                **self._headers,
                "Content-Type": file.content_type,
                "Cache-Control": file.cache_control,
                "ETag": file.entity_tag,
                "Vary": "Accept-Encoding",
            },
            file.content,
        )
        if _is_known(file.entity_tag, headers.get("if-none-match")):
            return HttpResponse(304, response.headers)
        return compressed(request.headers, response)


def _is_for_a_page(path: str, accept: str | None) -> bool:
    return is_page_path(path) and path.split("/")[1] not in DEV_SEGMENTS and html_page.is_wanted(accept)


def _is_known(entity_tag: str, if_none_match: str | None) -> bool:
    known = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    return "*" in known or entity_tag.removeprefix("W/") in known
