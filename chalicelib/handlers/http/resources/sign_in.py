"""The view of `/signed-in`, to which the OpenID provider returns a browser from a sign-in."""

from chalicelib.handlers.http.call import PublicCall
from chalicelib.handlers.http.operations import Page
from chalicelib.handlers.pages import html_page
from chalicelib.handlers.pages.page_frame import frame_of


def get_signed_in(call: PublicCall) -> Page:
    """Get the page that returns from the sign-in to the page where it began. Its script reads the code."""
    frame = frame_of(call.context.settings, call.request)
    return html_page.response(html_page.render("signed_in.html", frame), frame, assets=html_page.SIGNED_IN)
