"""Tests of the links in mails."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from chalice.test import Client, HTTPResponse

from chalicelib.domain.model.mail_tokens import unsubscribe_token, verification_token
from chalicelib.services.notices.notice_settings import NoticesChange, change_notices, view_notices
from tests.handlers.all_routes import api
from tests.handlers.conftest import Lines
from tests.harness import World
from tests.table_snapshot import take_snapshot

ADDRESS = "ada@example.org"
HTML = {"Accept": "text/html,application/xhtml+xml"}
Open = Callable[..., HTTPResponse]


@pytest.fixture
def visit(world: World) -> Iterator[Open]:
    """Return a function that opens a path without credentials."""
    with Client(api(world)) as client:

        def send(method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"") -> HTTPResponse:
            return client.http.request(method, path, headers=headers or {}, body=body)

        yield send


@pytest.fixture
def links(world: World) -> dict[str, str]:
    """The links of the mails to a member, whose address is not verified yet."""
    ada, key = world.member("Ada").member_id, world.settings.identity_key
    change_notices(world.context, ada, NoticesChange(address=ADDRESS))
    verification, unsubscription = (
        verification_token(key, ada, ADDRESS, world.now),
        unsubscribe_token(key, ada, ADDRESS),
    )
    return {"verify": f"/n/verify/{verification}", "unsubscribe": f"/n/unsubscribe/{unsubscription}", "ada": ada}


def shown(world: World, links: dict[str, str]) -> tuple[bool, bool]:
    """Return whether the address is verified and whether the member gets mails."""
    settings = view_notices(world.context, links["ada"]).settings
    return settings.verified, bool(settings.email_kinds)


@pytest.mark.parametrize("headers", [{}, HTML, {"User-Agent": "GoogleImageProxy"}])
def test_r27_opening_a_link_changes_nothing(world: World, visit: Open, links: dict[str, str], headers: Any) -> None:
    before = take_snapshot(world.table)
    for link in ("verify", "unsubscribe"):
        for method in ("GET", "HEAD", "GET"):
            assert visit(method, links[link], headers).status_code == 200
    assert take_snapshot(world.table) == before
    assert shown(world, links) == (False, True)


def test_r43_a_post_verifies_and_one_click_unsubscribes(world: World, visit: Open, links: dict[str, str]) -> None:
    for _ in range(2):
        answer = visit("POST", links["verify"])
        assert (answer.status_code, answer.json_body) == (200, {"done": True})
        assert shown(world, links) == (True, True)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for _ in range(2):
        # The request of RFC 8058.
        answer = visit("POST", links["unsubscribe"], form, b"List-Unsubscribe=One-Click")
        assert (answer.status_code, answer.json_body) == (200, {"done": True})
        assert shown(world, links) == (True, False)


@pytest.mark.parametrize("link", ["verify", "unsubscribe"])
def test_r43_a_person_confirms_on_a_page_without_a_script(visit: Open, links: dict[str, str], link: str) -> None:
    page = visit("GET", links[link], HTML)
    html = page.body.decode()
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert '<form method="post">' in html
    assert "<script" not in html
    policy = page.headers["Content-Security-Policy"]
    assert "form-action 'self'" in policy
    assert "default-src 'none'" in policy
    done = visit("POST", links[link], HTML)
    assert (done.status_code, "<form" in done.body.decode()) == (200, False)
    # Neither the address nor the name is for a visitor who only has the link.
    for text in (html, done.body.decode()):
        assert ADDRESS not in text
        assert "Ada" not in text


@pytest.mark.parametrize("path", ["/n/verify/made-up", "/n/unsubscribe/made-up", "/n/verify/%0d%0aX", "/n/verify/é"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_r43_a_made_up_link_is_refused_also_as_a_page(visit: Open, path: str, method: str) -> None:
    answer = visit(method, path)
    assert (answer.status_code, answer.json_body["code"]) == (404, "not_found")
    page = visit(method, path, HTML)
    assert page.status_code == 404
    assert "This link does not work" in page.body.decode()
    assert "<form" not in page.body.decode()


def test_r43_an_expired_link_shows_the_same_page_as_a_made_up_one(
    world: World, visit: Open, links: dict[str, str]
) -> None:
    world.after(hours=24)
    pages = [visit("POST", path, HTML) for path in (links["verify"], "/n/verify/made-up")]
    assert pages[0].body == pages[1].body
    assert [page.status_code for page in pages] == [404, 404]
    assert shown(world, links) == (False, True)


def test_r43_the_log_holds_no_token_of_a_link(world: World, visit: Open, links: dict[str, str], lines: Lines) -> None:
    for link in ("verify", "unsubscribe"):
        visit("GET", links[link])
        visit("POST", links[link])
    logged = lines()
    assert {line["route"] for line in logged} == {
        f"{method} /n/{link}/{{token}}" for method in ("GET", "POST") for link in ("verify", "unsubscribe")
    }
    assert not any(
        re.search(r"[0-9a-z]{26}", str(line.get(name))) for line in logged for name in line if name != "request"
    )
