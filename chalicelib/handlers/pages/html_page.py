"""Pages with inline style and script, and a content security policy that permits nothing else.

The template library is imported with the first page, and each template is compiled once. The cold start of other
routes pays for neither.
"""

import base64
import hashlib
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from chalice.app import Response

from chalicelib.branding import Branding
from chalicelib.handlers.http.operations import HTML, JSON
from chalicelib.handlers.http.responses import problems
from chalicelib.handlers.http.responses.schemas import ProblemDetails
from chalicelib.handlers.pages.accept_header import accepted_names
from chalicelib.handlers.pages.page_catalog import LANGUAGES, RIGHT_TO_LEFT, catalog
from chalicelib.handlers.pages.page_frame import PageFrame

if TYPE_CHECKING:
    from jinja2 import Environment

SELF, NONE = "'self'", "'none'"
FILES = Path(__file__).parent / "files"


class InlineAssets(NamedTuple):
    """The file names of a page's style and scripts. The scripts become one inline script.

    Those in `first` become another one before it, which runs also in a browser that cannot read the second.
    """

    style: str
    scripts: tuple[str, ...] = ()
    first: tuple[str, ...] = ()


PLAIN = InlineAssets("page.css")
INVITE = InlineAssets("page.css", ("sign_in.js", "calendar_links.js", "invite.js"), ("address.js", "old_browser.js"))
SIGNED_IN = InlineAssets("page.css", ("signed_in.js",))
REFERENCE = InlineAssets("reference.css", ("address.js", "sign_in.js", "reference.js"))


def is_wanted(accept: str | None) -> bool:
    """Return True if an `Accept` header names HTML and prefers it to JSON. Wildcards get JSON."""
    weights = {HTML: 0.0, JSON: 0.0}
    for name, weight in accepted_names(accept):
        if name in weights:
            weights[name] = max(weights[name], weight)
    return weights[HTML] > 0 and weights[HTML] >= weights[JSON]


@cache
def environment() -> "Environment":
    """Return the templates. Every value is escaped, except the inline style and script."""
    # Imported with the first page: no other response needs it.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    made = Environment(
        loader=FileSystemLoader(FILES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    # HTML does not unescape the content of style and script elements, so escaping would change it.
    for name, assets in (("plain", PLAIN), ("invite", INVITE), ("signed_in", SIGNED_IN), ("reference", REFERENCE)):
        texts = {"style": _text(assets.style), "first": _text(*assets.first), "script": _text(*assets.scripts)}
        made.globals[name] = {kind: Markup(text) for kind, text in texts.items()}  # noqa: S704
    made.globals["languages"] = LANGUAGES
    made.filters["fill"] = lambda text, **values: Markup(text).format(**values)  # noqa: S704 - a text of a catalog
    return made


def policy(assets: InlineAssets, frame: PageFrame, *, form_action: str = "'none'") -> str:
    """Return the content security policy, which permits the inline assets, this origin's API and https pictures.

    The script may also send requests to the provider of the sign-in.
    """
    scripts = filter(None, (_text(*assets.first), _text(*assets.scripts)))
    styles = filter(None, (_text(assets.style), accent_style(frame.branding)))
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {' '.join(map(_source, scripts)) or NONE}",
            f"style-src {' '.join(map(_source, styles))}",
            f"connect-src {' '.join((SELF, *([frame.sign_in.token_origin] if frame.sign_in else [])))}",
            # The icon of the page is a data address.
            "img-src https: data:",
            "base-uri 'none'",
            f"form-action {form_action}",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
        )
    )


def accent_style(branding: Branding) -> str:
    """Return the style of the operator's color, empty without one. White text on it is readable."""
    color = branding.accent_color
    return f":root {{ --accent: {color}; --on-accent: #fff; }}" if color else ""


def render(template: str, frame: PageFrame, **values: Any) -> str:
    """Render the template of a file with the texts of the frame's language."""
    return environment().get_template(template).render(_framed(frame) | values)


def render_text(template: str, frame: PageFrame, **values: Any) -> str:
    """Render the text of a template."""
    return environment().from_string(template).render(_framed(frame) | values)


def _framed(frame: PageFrame) -> dict[str, Any]:
    """Return the values of every page."""
    return {
        "frame": frame,
        "texts": catalog(frame.language),
        "direction": "rtl" if frame.language in RIGHT_TO_LEFT else "ltr",
        "accent_style": accent_style(frame.branding),
    }


def response(
    html: str, frame: PageFrame, status: int = HTTPStatus.OK, assets: InlineAssets = INVITE, **policies: str
) -> Response:
    """Return a page as a response."""
    headers: dict[str, str | list[str]] = {
        "Content-Type": f"{HTML}; charset=utf-8",
        "Content-Language": frame.language,
        "Content-Security-Policy": policy(assets, frame, **policies),
        "Cache-Control": "no-store",
    }
    return Response(html, headers=headers, status_code=status)


def problem(body: ProblemDetails, frame: PageFrame, *, is_invite: bool = False) -> Response:
    """Return a problem as a page without its `instance`, so that equal problems have equal bytes (R28).

    On the page of an invite link that cannot be used its guests can still sign in and see their sessions.
    """
    if is_invite and body.status == HTTPStatus.NOT_FOUND:
        page = response(render("invite.html", frame, gone=True, name=""), frame, body.status)
    else:
        texts = catalog(frame.language)["problem"]
        html = render("problem.html", frame, problem=texts.get(body.code, texts["other"]))
        page = response(html, frame, body.status, PLAIN)
    page.headers.update(problems.headers_for(body.status))
    return page


@cache
def _text(*names: str) -> str:
    return "\n".join((FILES / name).read_text(encoding="utf-8") for name in names)


@cache
def _source(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
