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

from chalicelib.handlers.http.operations import HTML, JSON
from chalicelib.handlers.http.responses import problems
from chalicelib.handlers.http.responses.schemas import ProblemDetails
from chalicelib.settings import SignIn

if TYPE_CHECKING:
    from jinja2 import Environment

SELF = "'self'"
FILES = Path(__file__).parent / "files"


class InlineAssets(NamedTuple):
    """The file names of a page's style and scripts. The scripts become one inline script."""

    style: str
    scripts: tuple[str, ...]


INVITE = InlineAssets("page.css", ("sign_in.js", "invite.js"))
SIGNED_IN = InlineAssets("page.css", ("signed_in.js",))
REFERENCE = InlineAssets("reference.css", ("sign_in.js", "reference.js"))


def is_wanted(accept: str | None) -> bool:
    """Return True if an `Accept` header names HTML and prefers it to JSON. Wildcards get JSON."""
    weights = {HTML: 0.0, JSON: 0.0}
    for part in (accept or "").split(","):
        name, *parameters = (text.strip().lower() for text in part.split(";"))
        if name in weights:
            weights[name] = max(weights[name], _weight(parameters))
    return weights[HTML] > 0 and weights[HTML] >= weights[JSON]


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0
    return 1


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
    for name, assets in (("invite", INVITE), ("signed_in", SIGNED_IN), ("reference", REFERENCE)):
        texts = {"style": _text(assets.style), "script": _text(*assets.scripts)}
        made.globals[name] = {kind: Markup(text) for kind, text in texts.items()}  # noqa: S704
    return made


def policy(assets: InlineAssets = INVITE, *, connect: str = "", form_action: str = "'none'") -> str:
    """Return the content security policy, which permits the inline assets, this origin's API and https pictures.

    `connect` is one more origin that the script may send requests to.
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {_source(*assets.scripts)}",
            f"style-src {_source(assets.style)}",
            f"connect-src {' '.join(filter(None, (SELF, connect)))}",
            "img-src https:",
            "base-uri 'none'",
            f"form-action {form_action}",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
        )
    )


def render(template: str, **values: Any) -> str:
    """Render a template."""
    return environment().get_template(template).render(values)


def response(
    html: str, status: int = HTTPStatus.OK, assets: InlineAssets = INVITE, sign_in: SignIn | None = None
) -> Response:
    """Return a page as a response. With `sign_in` the page may exchange codes at the provider."""
    headers: dict[str, str | list[str]] = {
        "Content-Type": f"{HTML}; charset=utf-8",
        "Content-Security-Policy": policy(assets, connect=sign_in.token_origin if sign_in else ""),
        "Cache-Control": "no-store",
    }
    return Response(html, headers=headers, status_code=status)


def problem(body: ProblemDetails, sign_in: SignIn | None) -> Response:
    """Return a problem as a page without its `instance`, so that equal problems have equal bytes (R28).

    On the page of an invite link that cannot be used its guests can still sign in and see their sessions.
    """
    if body.status == HTTPStatus.NOT_FOUND:
        html = render("invite.html", gone=True, name="", sign_in=sign_in)
        page = response(html, body.status, sign_in=sign_in)
    else:
        page = response(render("problem.html", title=body.title, detail=body.detail), body.status)
    page.headers.update(problems.headers_for(body.status))
    return page


def _text(*names: str) -> str:
    return "\n".join((FILES / name).read_text(encoding="utf-8") for name in names)


@cache
def _source(*names: str) -> str:
    digest = hashlib.sha256(_text(*names).encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
