"""The pages of the local run itself."""

from typing import Any

from chalicelib.branding import Branding
from chalicelib.handlers.http.responses.headers import SECURITY_HEADERS
from chalicelib.handlers.pages import html_page
from chalicelib.handlers.pages.page_frame import PageFrame
from infra.local.http.responses import HttpResponse

FRAME = PageFrame(language="en", product="Lockstep", app_url="", branding=Branding(), sign_in=None)


def page(template: str, form_action: str = html_page.NONE, **values: Any) -> HttpResponse:
    """Return a page from the text of its template. Its forms may lead to the sources in `form_action`."""
    headers: dict[str, str | list[str]] = {
        **SECURITY_HEADERS,
        # With `no-referrer` a browser would hide the origin of a form also from the page's own origin.
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": html_page.policy(html_page.PLAIN, FRAME, form_action=form_action),
    }
    return HttpResponse(200, headers, html_page.render_text(template, FRAME, **values).encode())
