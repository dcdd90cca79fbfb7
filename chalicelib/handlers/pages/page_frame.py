"""The frame of every page, which is its language and the operator's name, color and links."""

from chalice.app import Request
from msgspec import Struct

from chalicelib.branding import Branding
from chalicelib.handlers.pages.page_catalog import LANGUAGES, language_of
from chalicelib.settings import Settings, SignIn

# The query parameter of a chosen language. It is the only one that the script of a page keeps in the address.
LANGUAGE_PARAMETER = "language"


class PageFrame(Struct, frozen=True):
    """The parts of a page that do not depend on its content.

    `app_url` is the address of the web app, empty without one. `sign_in` is None if pages offer no sign-in.
    """

    language: str
    product: str
    app_url: str
    branding: Branding
    sign_in: SignIn | None


def frame_of(settings: Settings, request: Request) -> PageFrame:
    """Return the frame in the language that the query or else the browser names."""
    chosen = request.query_params.get(LANGUAGE_PARAMETER) if request.query_params else None
    return frame_in(settings, language_of(chosen, request.headers.get("accept-language")))


def frame_in(settings: Settings, language: str = next(iter(LANGUAGES))) -> PageFrame:
    """Return the frame in a language."""
    return PageFrame(language, settings.messaging.product_name, settings.app_url, settings.branding, settings.sign_in)
