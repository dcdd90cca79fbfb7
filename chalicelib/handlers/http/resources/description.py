"""`/openapi.json` and `/docs`: the description of the API, for programs and for people."""

import json
from functools import cache
from typing import Annotated, Any

from chalice.app import Response

from chalicelib.handlers import pages
from chalicelib.handlers.http.api import PublicCall, stage_path
from chalicelib.handlers.http.operations import JSON, Operation, Page, operations

# It changes with a deployment only.
KEPT = "public, max-age=300"


@cache
def described(documented: tuple[Operation, ...]) -> dict[str, Any]:
    """Return the OpenAPI document of the operations, without its server."""
    # With the first request for it: no other one pays for it.
    from chalicelib.handlers.http import openapi

    return openapi.describe(documented)


@cache
def shown(documented: tuple[Operation, ...]) -> str:
    """Return the page that describes the operations."""
    # With the first request for the page: the document itself needs nothing of it.
    from chalicelib.handlers.pages.reference import reference_page

    return pages.rendered("reference.html", **reference_page(described(documented)))


def get_description(call: PublicCall) -> Annotated[Response, JSON]:
    """Read this description in OpenAPI 3.1."""
    written = json.dumps({**described(operations()), "servers": [{"url": stage_path(call.request) or "/"}]})
    return Response(written, headers={"Content-Type": JSON, "Cache-Control": KEPT}, status_code=200)


def get_docs(_call: PublicCall) -> Page:
    """Read this description on a page, and try it."""
    page = pages.page(shown(operations()), inline=pages.REFERENCE)
    page.headers["Cache-Control"] = KEPT
    return page
