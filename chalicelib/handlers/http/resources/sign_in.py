"""The view of `/signed-in`, to which the OpenID provider returns a browser from a sign-in."""

from chalicelib.handlers.http.call import PublicCall
from chalicelib.handlers.http.operations import Page
from chalicelib.handlers.pages import html_page


def get_signed_in(_call: PublicCall) -> Page:
    """Get the page that returns from the sign-in to the page where it began. Its script reads the code."""
    return html_page.response(html_page.render("signed_in.html"), assets=html_page.SIGNED_IN)
