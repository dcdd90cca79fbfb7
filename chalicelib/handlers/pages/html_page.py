"""Pages for people: one template each, style and script inline, and a policy that lets nothing else in.

The template library is imported with the first page that is asked for, and each template is compiled once: a cold start
of any other route pays for neither.
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


class Inline(NamedTuple):
    """The style and the script of a page: files of ours, and all that its policy lets in."""

    style: str
    script: str


INVITE, REFERENCE = Inline("page.css", "invite.js"), Inline("reference.css", "reference.js")


def wanted(accept: str | None) -> bool:
    """Whether a page is asked for by name, and JSON not rather: what takes anything gets JSON."""
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
    """The templates, every value escaped but our own style and script."""
    # With the first page: no other route needs it.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    made = Environment(
        loader=FileSystemLoader(FILES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    # Files of our own, inside elements whose content is no markup: escaped they would be another text.
    for name, inline in (("invite", INVITE), ("reference", REFERENCE)):
        made.globals[name] = {kind: Markup(_text(file)) for kind, file in inline._asdict().items()}  # noqa: S704
    return made


def policy(inline: Inline = INVITE, *, form_action: str = "'none'") -> str:
    """The content security policy: our style and script by their digests, this origin's API, pictures of members."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {_source(inline.script)}",
            f"style-src {_source(inline.style)}",
            "connect-src 'self'",
            "img-src https:",
            "base-uri 'none'",
            f"form-action {form_action}",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
        )
    )


def rendered(template: str, **values: Any) -> str:
    """A page as a text."""
    return environment().get_template(template).render(values)


def page(html: str, status: int = HTTPStatus.OK, inline: Inline = INVITE) -> Response:
    """A page as an HTTP answer."""
    headers: dict[str, str | list[str]] = {
        "Content-Type": f"{HTML}; charset=utf-8",
        "Content-Security-Policy": policy(inline),
        "Cache-Control": "no-store",
    }
    return Response(html, headers=headers, status_code=status)


def problem(body: ProblemDetails) -> Response:
    """A problem in words for a person; between two equal ones not a byte differs (R28)."""
    response = page(rendered("problem.html", gone=body.status == HTTPStatus.NOT_FOUND), body.status)
    response.headers.update(problems.headers_for(body.status))
    return response


def _text(name: str) -> str:
    return (FILES / name).read_text(encoding="utf-8")


@cache
def _source(name: str) -> str:
    digest = hashlib.sha256(_text(name).encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
