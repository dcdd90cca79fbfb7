"""`/openapi.json` and `/docs`: the description of the API, for programs and for people."""

import json
from functools import cache
from typing import Annotated, Any

from chalice.app import Request, Response

from chalicelib.handlers import pages
from chalicelib.handlers.http import Api, stage_path
from chalicelib.handlers.operations import JSON, Page

# It changes with a deployment only.
KEPT = "public, max-age=300"


def routes(api: Api) -> None:
    """The routes that describe the others."""

    @cache
    def described() -> dict[str, Any]:
        from chalicelib.handlers import openapi

        return openapi.describe(api.operations)

    def written(server: str) -> str:
        return json.dumps({**described(), "servers": [{"url": server}]})

    @cache
    def shown() -> str:
        from chalicelib.handlers.pages.reference import reference_page

        return pages.rendered("reference.html", **reference_page(described()))

    @api.public("/openapi.json")
    def get_description(request: Request) -> Annotated[Response, JSON]:
        """Read this description in OpenAPI 3.1."""
        return Response(
            written(stage_path(request) or "/"), headers={"Content-Type": JSON, "Cache-Control": KEPT}, status_code=200
        )

    @api.public("/docs")
    def get_docs(_request: Request) -> Page:
        """Read this description on a page, and try it."""
        page = pages.page(shown(), inline=pages.REFERENCE)
        page.headers["Cache-Control"] = KEPT
        return page
