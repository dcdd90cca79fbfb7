"""The views of `/openapi.json` and `/docs`, the description of the API for programs and for people."""

import json
from datetime import UTC, date
from functools import lru_cache
from typing import Annotated, Any

from chalice.app import Response

from chalicelib.handlers.http.call import PublicCall, stage_path
from chalicelib.handlers.http.operations import JSON, ApiOperation, Page, operations
from chalicelib.handlers.pages import html_page
from chalicelib.handlers.pages.page_frame import PageFrame, frame_in

# The description changes with a deployment and with its samples, every day. A page that is read has those of today.
CACHE_CONTROL = "public, max-age=300"
PAGE_CACHE_CONTROL = "no-cache"


@lru_cache(maxsize=1)
def document_of(documented: tuple[ApiOperation, ...], today: date) -> dict[str, Any]:
    """Return the OpenAPI document of the operations, without its server and with the samples of a day."""
    # Imported with the first request for the document: no other request needs it.
    from chalicelib.handlers.http.description import openapi, request_samples

    return request_samples.fill(openapi.describe(documented), today)


@lru_cache(maxsize=1)
def page_of(documented: tuple[ApiOperation, ...], today: date, frame: PageFrame) -> str:
    """Return the page that describes the operations, with the samples of a day and a sign-in if there is one."""
    # Imported with the first request for the page: the document does not need it.
    from chalicelib.handlers.pages.reference import reference_page

    return html_page.render("reference.html", frame, **reference_page(document_of(documented, today)))


def today_of(call: PublicCall) -> date:
    """Return the date in UTC by the service's clock."""
    return call.context.clock().astimezone(UTC).date()


def get_description(call: PublicCall) -> Annotated[Response, JSON]:
    """Get this description as an OpenAPI 3.1 document."""
    text = json.dumps(
        {**document_of(operations(), today_of(call)), "servers": [{"url": stage_path(call.request) or "/"}]}
    )
    return Response(text, headers={"Content-Type": JSON, "Cache-Control": CACHE_CONTROL}, status_code=200)


def get_docs(call: PublicCall) -> Page:
    """Get this description as a page with forms to send requests."""
    # The description is English.
    frame = frame_in(call.context.settings)
    page = html_page.response(page_of(operations(), today_of(call), frame), frame, assets=html_page.REFERENCE)
    page.headers["Cache-Control"] = PAGE_CACHE_CONTROL
    return page
