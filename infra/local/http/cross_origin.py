"""The responses of the local run itself to pages of other origins (CORS)."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.handlers.http.responses.cross_origin import depends_on_origin, preflight_headers, readable_by
from infra.local.http.responses import HttpResponse


@dataclass(frozen=True)
class CrossOriginPolicy:
    """The origins whose pages may call, as for the API."""

    origins: tuple[str, ...]

    def readable(self, headers: Mapping[str, str], response: HttpResponse) -> HttpResponse:
        """Return the response to a request with these headers so that a page of a permitted origin may read it."""
        origin = {name.lower(): value for name, value in headers.items()}.get("origin")
        vary = {"Vary": "Origin"} if depends_on_origin(self.origins) else {}
        more = {**vary, **readable_by(self.origins, origin)}
        return HttpResponse(response.status, response.headers | more, response.body)

    def preflight(self, headers: Mapping[str, str]) -> HttpResponse:
        """Return the response to a preflight with these headers."""
        return self.readable(headers, HttpResponse(204, preflight_headers()))
