"""Tests of the language, the name, the color and the links that every page has."""

import re
from collections.abc import Iterator

import pytest
from chalice.app import Chalice
from chalice.test import Client, HTTPResponse
from msgspec.structs import replace

from chalicelib.branding import Branding
from chalicelib.handlers.http.identity.tokens import verifier
from chalicelib.handlers.http.registration import register_routes
from chalicelib.handlers.pages.page_catalog import LANGUAGES
from tests.handlers.pages.test_html_page import BROWSER, Elements, digest_source, directives, html_of
from tests.harness import World, at


@pytest.fixture
def visitor(world: World) -> Iterator[Client]:
    """Return a browser without credentials, at a deployment of an operator."""
    settings = world.context.settings
    messaging = replace(settings.messaging, product_name='Focus & "Flow"', public_url="https://links.example")
    branding = Branding("#123456", "https://operator.example/imprint", "https://operator.example/privacy?a=1&b=2")
    world.context.settings = replace(settings, messaging=messaging, branding=branding, app_url="https://app.example")
    app = Chalice(app_name="lockstep-tests")
    register_routes(app, world.context, verifier(world.settings))
    with Client(app) as client:
        yield client


def look(visitor: Client, path: str, language: str = "en") -> HTTPResponse:
    return visitor.http.get(path, headers={"Accept": BROWSER, "Accept-Language": language})


def html_attributes(answer: HTTPResponse) -> dict[str, str | None]:
    return Elements(html_of(answer)).found[0][1]


@pytest.mark.parametrize(
    ("query", "accepted", "language", "direction"),
    [
        ("", "en-US,en;q=0.9", "en", "ltr"),
        ("", "de-AT,de;q=0.9", "de", "ltr"),
        ("", "ar-EG", "ar", "rtl"),
        ("?language=ar", "de", "ar", "rtl"),
        ("?language=tlh", "de", "de", "ltr"),
    ],
)
def test_a_page_has_one_language_and_its_direction(
    world: World, visitor: Client, query: str, accepted: str, language: str, direction: str
) -> None:
    ada = world.member("Ada")
    world.book(ada, at(1))
    for path in (f"/i/{world.invite(ada)}", "/i/unknown", "/signed-in", "/n/verify/unknown"):
        answer = look(visitor, path + query, accepted)
        assert html_attributes(answer) == {"lang": language, "dir": direction}
        assert answer.headers["Content-Language"] == language
        assert answer.headers["Vary"] == "Accept, Accept-Language, Accept-Encoding"


def test_r27_the_choice_of_a_language_names_each_in_itself(world: World, visitor: Client) -> None:
    for path in (f"/i/{world.invite(world.member('Ada'))}", "/i/unknown", "/n/unsubscribe/unknown"):
        links = [each for tag, each in Elements(html_of(look(visitor, path, "de"))).found if "hreflang" in each]
        assert [(each["href"], each["lang"], each["hreflang"]) for each in links] == [
            (f"?language={tag}", tag, tag) for tag in LANGUAGES
        ]
        assert [each["lang"] for each in links if "aria-current" in each] == ["de"]


def test_the_operators_name_color_and_links_are_on_the_page_and_permitted(world: World, visitor: Client) -> None:
    for path in (f"/i/{world.invite(world.member('Ada'))}", "/i/unknown", "/n/verify/unknown"):
        answer = look(visitor, path)
        page = Elements(html_of(answer))
        assert "· Focus &amp; &#34;Flow&#34;</title>" in html_of(answer)
        assert [each["href"] for tag, each in page.found if tag == "a" and "operator" in str(each["href"])] == [
            "https://operator.example/imprint",
            "https://operator.example/privacy?a=1&b=2",
        ]
        assert page.inline["style"][1] == ":root { --accent: #123456; --on-accent: #fff; }"
        assert directives(answer)["style-src"] == " ".join(map(digest_source, page.inline["style"]))
        (icon,) = [each["href"] for tag, each in page.found if tag == "link"]
        assert "fill='%23123456'" in str(icon)


def test_a_service_without_a_web_app_offers_no_link_to_it(world: World, visitor: Client) -> None:
    assert "https://app.example/" in html_of(look(visitor, "/i/unknown"))
    # The public address is that of the links in mails, also without a web app.
    world.context.settings = replace(world.context.settings, app_url="")
    page = html_of(look(visitor, "/i/unknown"))
    assert ("links.example" in page, "Open your calendar" in page) == (False, False)


@pytest.mark.parametrize("path", ["/i/", "/c/unknown", "/c/unknown.ics", "/nothing"])
def test_an_address_without_a_page_says_so_in_words_and_asks_for_no_sign_in(visitor: Client, path: str) -> None:
    answer = look(visitor, path, "de")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "Unter dieser Adresse ist nichts." in html_of(answer)
    assert not [each for tag, each in Elements(html_of(answer)).found if tag == "script" or "sign-in" in str(each)]
    program = visitor.http.get(path, headers={"Accept": "application/json"})
    assert program.json_body["code"] == "not_found"


def test_without_branding_a_page_has_no_links_of_the_operator(world: World, visitor: Client) -> None:
    world.context.settings = replace(world.context.settings, branding=Branding())
    answer = look(visitor, "/i/unknown")
    page = Elements(html_of(answer))
    assert [each["href"] for tag, each in page.found if tag == "a"] == [
        "https://app.example/",
        *(f"?language={tag}" for tag in LANGUAGES),
    ]
    assert len(page.inline["style"]) == 1


def test_r27_a_preview_of_a_link_has_no_personal_data(world: World, visitor: Client) -> None:
    ada = world.member("Ada Unmistakable", photo_url="https://pictures.example/ada")
    previews = []
    for path in (f"/i/{world.invite(ada)}", "/i/unknown"):
        page = Elements(html_of(look(visitor, path)))
        metas = [each for tag, each in page.found if tag == "meta"]
        previews.append({each.get("property") or each.get("name"): each.get("content") for each in metas})
        assert not {"img", "picture", "video"} & {tag for tag, _ in page.found}
    # A preview does not show whether a link can be used, either.
    assert previews[0] == previews[1]
    assert previews[0] == {
        None: None,
        "viewport": "width=device-width, initial-scale=1",
        "robots": "noindex",
        "color-scheme": "light dark",
        "description": "Choose a time, and work side by side on video.",
        "og:type": "website",
        "og:site_name": 'Focus & "Flow"',
        "og:title": "An invitation to work side by side",
        "og:description": "Choose a time, and work side by side on video.",
    }
    assert not re.search("Ada|picture", str(previews))
