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

from chalicelib.handlers.http import problems
from chalicelib.handlers.http.operations import HTML, JSON
from chalicelib.handlers.http.schemas import ProblemDetails

if TYPE_CHECKING:
    from jinja2 import Environment

FILES = Path(__file__).parent / "files"


class InlineAssets(NamedTuple):
    """The file names of a page's style and script."""

    style: str
    script: str


INVITE, REFERENCE = InlineAssets("page.css", "invite.js"), InlineAssets("reference.css", "reference.js")


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
    for name, assets in (("invite", INVITE), ("reference", REFERENCE)):
        made.globals[name] = {kind: Markup(_text(file)) for kind, file in assets._asdict().items()}  # noqa: S704
    return made


def policy(assets: InlineAssets = INVITE, *, form_action: str = "'none'") -> str:
    """Return the content security policy, which permits the inline assets, this origin's API and https pictures."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {_source(assets.script)}",
            f"style-src {_source(assets.style)}",
            "connect-src 'self'",
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


def response(html: str, status: int = HTTPStatus.OK, assets: InlineAssets = INVITE) -> Response:
    """Return a page as a response."""
    headers: dict[str, str | list[str]] = {
        "Content-Type": f"{HTML}; charset=utf-8",
        "Content-Security-Policy": policy(assets),
        "Cache-Control": "no-store",
    }
    return Response(html, headers=headers, status_code=status)


def problem(body: ProblemDetails) -> Response:
    """Return a problem as a page without its `instance`, so that equal problems have equal bytes (R28)."""
    page = response(render("problem.html", gone=body.status == HTTPStatus.NOT_FOUND), body.status)
    page.headers.update(problems.headers_for(body.status))
    return page


def _text(name: str) -> str:
    return (FILES / name).read_text(encoding="utf-8")


@cache
def _source(name: str) -> str:
    digest = hashlib.sha256(_text(name).encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
