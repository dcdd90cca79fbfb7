"""Tests of the page of an invite link and of its headers."""

import base64
import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from chalice.app import Chalice
from chalice.test import Client, HTTPResponse
from markupsafe import escape
from msgspec.structs import replace

from chalicelib.branding import Branding
from chalicelib.domain.model.errors import Busy
from chalicelib.handlers.http.identity.tokens import verifier
from chalicelib.handlers.http.registration import register_routes
from chalicelib.handlers.http.responses import problems
from chalicelib.handlers.http.responses.headers import API_CSP, SECURITY_HEADERS
from chalicelib.handlers.pages import html_page
from chalicelib.handlers.pages.page_catalog import LANGUAGES, catalog
from chalicelib.handlers.pages.page_frame import PageFrame
from chalicelib.settings import SignIn
from tests.handlers.http.inputs.test_display_text import KEPT
from tests.harness import World, at

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"
SIGN_IN = SignIn(
    authorization_url="https://sign-in.example/authorize?audience=a&scope=b",
    token_url="https://tokens.example:8443/oauth/token",
    client_id="page",
    token="access_token",
    token_origin="https://tokens.example:8443",
)
ENGLISH = PageFrame("en", "Lockstep", "", Branding(), SIGN_IN)
HOSTILE = """</title><script>alert("1")</script>' onload='x" <img src=x onerror=y>&amp;"""


class Elements(HTMLParser):
    """The elements of a page with their attributes, and the texts inside style and script."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.inline: dict[str, list[str]] = {"script": [], "style": []}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.found and self.found[-1][0] in self.inline and self.cdata_elem:
            self.inline[self.found[-1][0]].append(data)


@pytest.fixture
def visitor(world: World) -> Iterator[Client]:
    """Return a browser without credentials."""
    world.context.settings = replace(world.context.settings, sign_in=SIGN_IN)
    app = Chalice(app_name="lockstep-tests")
    register_routes(app, world.context, verifier(world.settings))
    with Client(app) as client:
        yield client


def look(visitor: Client, token: str, accept: str = BROWSER, language: str = "en") -> HTTPResponse:
    headers = {"Accept": accept, "Accept-Language": language}
    return visitor.http.request("GET", f"/i/{token}", headers=headers)


def html_of(answer: HTTPResponse) -> str:
    return answer.body.decode()


def directives(answer: HTTPResponse) -> dict[str, str]:
    policy = answer.headers["Content-Security-Policy"]
    return dict(directive.split(" ", 1) for directive in policy.split("; "))


def digest_source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        (BROWSER, True),
        ("text/html", True),
        ("Text/HTML; q=0.5", True),
        ("text/html;charset=utf-8", True),
        ("application/json;q=0.5, text/html", True),
        ("text/html;q=0.5, application/json", False),
        ("text/html;q=0", False),
        ("text/html;q=high", False),
        ("application/json", False),
        ("*/*", False),
        ("text/*", False),
        ("image/png", False),
        ("", False),
        (None, False),
    ],
)
def test_a_page_is_only_for_clients_that_name_html(accept: str | None, wanted: bool) -> None:
    assert html_page.is_wanted(accept) is wanted


def test_r27_a_page_shows_the_host_and_the_free_slots_by_utc_day(world: World, visitor: Client) -> None:
    ada = world.member("Ada", photo_url="https://pictures.example/ada?a=1&b=2")
    for slot in (at(1), at(3, minutes=25), at(25, minutes=75)):
        world.book(ada, slot)
    answer = look(visitor, world.invite(ada))
    html = html_of(answer)
    assert answer.status_code == 200
    assert "All times are in UTC." in html
    assert re.findall("<h3>(.*)</h3>", html) == ["Monday 2 March", "Tuesday 3 March"]
    times = re.findall(r'<time datetime="(.*)" data-minutes="(\d+)">(.*)</time> <span class="length m\2">\2 ', html)
    assert times == [
        ("2026-03-02T09:00:00+00:00", "50", "09:00\u201309:50"),
        ("2026-03-02T11:00:00+00:00", "25", "11:00\u201311:25"),
        ("2026-03-03T09:00:00+00:00", "75", "09:00\u201310:15"),
    ]
    # The script draws the picture. A program that previews a link finds no picture of a person.
    elements = Elements(html).found
    assert [each.get("data-photo-url") for tag, each in elements if each.get("class") == "face"] == [
        "https://pictures.example/ada?a=1&b=2"
    ]
    assert "img" not in {tag for tag, _ in elements}


def sign_in_button(answer: HTTPResponse) -> dict[str, str | None] | None:
    """Return the attributes of the page's sign-in button, None without one."""
    found = [attributes for _, attributes in Elements(html_of(answer)).found if attributes.get("id") == "sign-in"]
    return found[0] if found else None


def test_the_sign_in_has_the_provider_of_the_settings_also_on_an_unavailable_link(
    world: World, visitor: Client
) -> None:
    for token in (world.invite(world.member("Ada")), "unknown"):
        button = sign_in_button(look(visitor, token)) or {}
        assert {name: value for name, value in button.items() if name.startswith("data-")} == {
            "data-authorization-url": SIGN_IN.authorization_url,
            "data-token-url": SIGN_IN.token_url,
            "data-client-id": "page",
            "data-token": "access_token",
        }


def test_without_a_provider_the_page_has_no_sign_in(world: World, visitor: Client) -> None:
    world.context.settings = replace(world.context.settings, sign_in=None)
    answer = look(visitor, world.invite(world.member("Ada")))
    assert sign_in_button(answer) is None
    assert "open this link in the app in which you use Lockstep" in html_of(answer)
    assert directives(answer)["connect-src"] == "'self'"


def test_a_page_is_not_cached_and_its_policy_permits_only_its_own_content(world: World, visitor: Client) -> None:
    for token, status in ((world.invite(world.member("Ada")), 200), ("unknown", 404)):
        answer = look(visitor, token)
        assert answer.status_code == status
        sent = {
            **SECURITY_HEADERS,
            "Cache-Control": "no-store",
            "Content-Type": "text/html; charset=utf-8",
            "Content-Language": "en",
            "Vary": "Accept, Accept-Language, Accept-Encoding",
        }
        assert answer.headers.items() >= sent.items()
        given = directives(answer)
        assert (
            given.items()
            >= {
                "default-src": "'none'",
                "connect-src": "'self' https://tokens.example:8443",
                "img-src": "https: data:",
                "base-uri": "'none'",
                "form-action": "'none'",
                "frame-ancestors": "'none'",
            }.items()
        )
        assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_every_inline_block_is_permitted_by_its_digest_and_nothing_else_runs(world: World, visitor: Client) -> None:
    answer = look(visitor, world.invite(world.member("Ada")))
    elements, given = Elements(html_of(answer)), directives(answer)
    # The first script element has the texts, which do not run.
    blocks = {"style": elements.inline["style"], "script": elements.inline["script"][1:]}
    for tag, texts in blocks.items():
        assert given[f"{tag}-src"] == " ".join(map(digest_source, texts))
    for tag, attributes in elements.found:
        assert not [name for name in attributes if name.startswith("on") or name == "style"], tag
        assert tag not in ("iframe", "base", "object")
        assert tag != "link" or str(attributes["href"]).startswith("data:image/svg+xml,")
        assert "src" not in attributes


@pytest.mark.long  # Books 39 sessions.
def test_a_page_is_small(world: World, visitor: Client) -> None:
    ada = world.member("Ada")
    for hours in range(1, 40):
        world.book(ada, at(hours))
    answer = look(visitor, world.invite(ada))
    assert len(answer.body) < 42_000
    assert html_of(answer).count("<time") == 39


def test_the_name_of_a_host_is_text_and_never_markup(world: World, visitor: Client) -> None:
    mallory = world.member(HOSTILE, photo_url="https://p.example/'onerror='x")
    hostile, honest = world.invite(mallory), world.invite(world.member("Ada", photo_url="https://p.example/a"))
    html = html_of(look(visitor, hostile))
    elements, reference = Elements(html), Elements(html_of(look(visitor, honest)))
    assert [tag for tag, _ in elements.found] == [tag for tag, _ in reference.found]
    assert [list(attributes) for _, attributes in elements.found] == [list(each) for _, each in reference.found]
    assert elements.inline == reference.inline
    assert HOSTILE not in html


def test_r31_a_name_of_any_script_is_isolated_in_the_page(world: World, visitor: Client) -> None:
    for name in (*KEPT, HOSTILE[:80]):
        html = html_of(look(visitor, world.invite(world.member(name))))
        assert f'<bdi id="host">{escape(name)}</bdi>' in html
        assert f"<title>Work with {escape(name)}" in html


def test_r28_every_unavailable_link_shows_the_same_page_byte_for_byte(world: World, visitor: Client) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, at(1))
    used = world.invite(ada, max_uses=1)
    world.accept(ben, used, at(1))
    expired = world.invite(ada, expires_at=world.now.replace(minute=30))
    world.after(minutes=30)
    revoked = world.invite(ada)
    world.revoke(ada)
    unavailable = (used, expired, revoked, "unknown", "%00%F0%9F%98%80", "x" * 3000)
    for language in LANGUAGES:
        answers = [look(visitor, token, language=language) for token in unavailable]
        assert {(answer.status_code, answer.body, str(answer.headers)) for answer in answers} == {
            (404, answers[0].body, str(answers[0].headers))
        }
        assert catalog(language)["invite"]["gone_title"] in html_of(answers[0])


def test_a_busy_service_has_a_page_that_asks_to_try_again() -> None:
    answer = html_page.problem(problems.from_refusal(Busy(), instance="/requests/1"), ENGLISH)
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
    assert "<title>Busy · Lockstep</title>" in answer.body
    assert f'<p class="lead">{escape(Busy.default_detail)}</p>' in answer.body
    assert "Please load the page again" in answer.body
    assert answer.headers["Retry-After"] == "1"


def test_clients_that_do_not_name_html_get_json(world: World, visitor: Client) -> None:
    token = world.invite(world.member("Ada"))
    for accept in ("*/*", "application/json"):
        answer = look(visitor, token, accept)
        assert answer.json_body == {"host": {"name": "Ada", "photoUrl": None}, "slots": []}
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == API_CSP


def test_no_other_route_imports_the_template_library() -> None:
    resources = "chalicelib.handlers.http.resources"
    program = f"import sys, {resources}.invites, {resources}.description; print('jinja2' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
    assert ran.stdout == "False\n"
