"""Conditional requests (RFC 9110, 13) and HEAD (RFC 9110, 9.3.2)."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

import pytest

from tests.contract.client import Client, Runner, Service
from tests.contract.slots import Slots, text_of
from tests.contract.test_staff import staff_member

STRONG = re.compile(r'"[!#-~]+"\Z')


def paths_of(member: Client, slots: Slots) -> dict[str, str]:
    """Book a session, and return the paths whose answers show it or its member."""
    slot = slots.far()
    session = member.book(slot, title="Thesis")
    around = {"start": text_of(slot.after(minutes=-60)), "end": text_of(slot.after(minutes=60))}
    return {
        "/v1/me": "/v1/me",
        "/v1/sessions": f"/v1/sessions?{urlencode(around)}",
        "/v1/sessions/{sessionId}": f"/v1/sessions/{session['sessionId']}",
        "/v1/calendar": f"/v1/calendar?{urlencode(around)}",
    }


def test_what_did_not_change_is_304_with_its_tag_and_without_a_body(ada: Client, slots: Slots) -> None:
    """A client that polls pays for the whole answer.

    A strong ETag and 304 (RFC 9110, 13.1.2).
    """
    for path in paths_of(ada, slots).values():
        first = ada.request("GET", path)
        tag = first.headers["ETag"]
        assert STRONG.match(tag), (path, tag)
        for known in (tag, f"W/{tag}", f'"other", {tag}', f'"a,b" ,W/{tag},"c"', "*"):
            for method in ("GET", "HEAD"):
                again = ada.request(method, path, headers={"If-None-Match": known})
                assert (again.status, again.data, again.headers["ETag"]) == (304, b"", tag), (path, known)
                assert again.headers["Cache-Control"] == first.headers["Cache-Control"] == "no-store"
                assert again.headers.get("Vary") == first.headers.get("Vary")


def test_another_tag_gets_the_whole_answer(ada: Client) -> None:
    first = ada.request("GET", "/v1/me")
    opaque = first.headers["ETag"].strip('"')
    for known in ('"other"', 'W/"other"', "", opaque, f'"{opaque}', f'"{opaque},"', f'"x{opaque}"', '"*"'):
        again = ada.request("GET", "/v1/me", headers={"If-None-Match": known})
        assert (again.status, again.data, again.headers["ETag"]) == (200, first.data, first.headers["ETag"]), known


CHANGES: dict[str, Callable[[Client, str], None]] = {
    "/v1/me": lambda member, _: member.change_settings(quietMode=True),
    "/v1/sessions": lambda member, path: _retitle(member, path),
    "/v1/sessions/{sessionId}": lambda member, path: _retitle(member, path),
    "/v1/calendar": lambda member, path: _retitle(member, path),
}


def _retitle(member: Client, session_path: str) -> None:
    assert member.patch(session_path, {"title": "Proofs"}).status == 200


@pytest.mark.parametrize("route", CHANGES)
def test_a_change_gets_another_tag_and_its_end_the_first_one(ada: Client, slots: Slots, route: str) -> None:
    paths = paths_of(ada, slots)
    tag = ada.request("GET", paths[route]).headers["ETag"]
    CHANGES[route](ada, paths["/v1/sessions/{sessionId}"])
    changed = ada.request("GET", paths[route], headers={"If-None-Match": tag})
    assert (changed.status, changed.headers["ETag"] != tag) == (200, True)
    ada.change_settings(quietMode=False)
    assert ada.patch(paths["/v1/sessions/{sessionId}"], {"title": "Thesis"}).status == 200
    assert ada.request("GET", paths[route], headers={"If-None-Match": tag}).status == 304


def test_r11_a_refusal_is_never_304(api: Service, ada: Client) -> None:
    """A precondition is judged only if the answer without it is 2xx (RFC 9110, 13.2.1)."""
    for path, member, status in (("/v1/sessions/unknown", ada, 404), ("/v1/sessions?start=x", ada, 422)):
        response = member.request("GET", path, headers={"If-None-Match": "*"})
        assert (response.status, "ETag" in response.headers) == (status, False)
    assert api.request("GET", "/v1/me", headers={"If-None-Match": "*"}).status == 401


def test_a_write_has_no_tag_and_ignores_the_precondition(ada: Client) -> None:
    response = ada.request("PATCH", "/v1/me", {"quietMode": True}, headers={"If-None-Match": "*"})
    assert (response.status, "ETag" in response.headers) == (200, False)


def test_two_members_with_equal_answers_do_not_share_more_than_the_tag_of_the_bytes(ada: Client, ben: Client) -> None:
    assert ada.request("GET", "/v1/me").headers["ETag"] != ben.request("GET", "/v1/me").headers["ETag"]
    assert ada.get("/v1/people").headers["ETag"] == ben.get("/v1/people").headers["ETag"]


PUBLIC = ("/health", "/docs", "/openapi.json", "/signed-in", "/v1/config")


@pytest.mark.parametrize("path", PUBLIC)
def test_public_documents_have_tags_too(api: Service, path: str) -> None:
    first = api.request("GET", path)
    again = api.request("GET", path, headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status, again.status, again.data) == (200, 304, b"")
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]


@pytest.mark.long  # Calls every route twice.
def test_head_has_the_headers_of_get_and_no_body_on_every_route(api: Service, ada: Client, slots: Slots) -> None:
    """A link checker sends HEAD.

    HEAD works wherever GET does (RFC 9110, 9.3.2).
    """
    paths = paths_of(ada, slots)
    link = ada.post("/v1/invite-links", {}).json["inviteLink"]["url"]
    feed = ada.post("/v1/calendar-feeds", {}).json["calendarFeed"]["url"]
    paths |= {
        "/v1/sessions/{sessionId}/calendar": f"{paths['/v1/sessions/{sessionId}']}/calendar",
        "/c/{file}": f"/c/{feed.rpartition('/')[2]}",
        "/i/{token}": f"/i/{link.rpartition('/')[2]}",
        "/v1/users/{userId}": f"/v1/users/{ada.user_id}",
        "/v1/users/{userId}/availability": f"/v1/users/{ada.user_id}/availability",
    }
    hook = ada.post("/v1/webhooks", {"url": "https://hooks.example/head"}).json["webhook"]["webhookId"]
    described = [path for path, methods in _document(api)["paths"].items() if "get" in methods]
    # The link of a mail is known from the mail only, and only staff can read the lists of staff.
    for route in (path for path in described if not path.startswith(("/n/", "/v1/staff/"))):
        check_head(ada, paths.get(route, route).replace("{webhookId}", hook))


@pytest.mark.parametrize("path", ["/v1/staff/reports", "/v1/staff/members?query=ada"])
def test_r47_head_of_a_list_of_staff_has_the_headers_of_get(controlled: Runner, path: str) -> None:
    check_head(staff_member(controlled), path)


def check_head(member: Client, path: str) -> None:
    found, head = member.request("GET", path), member.request("HEAD", path)
    assert (found.status, head.status, head.data) == (200, 200, b""), path
    assert _steady(head.headers) == _steady(found.headers), path


def test_head_of_a_refusal_has_its_status_and_no_body(api: Service, ada: Client) -> None:
    for path, status in (("/v1/sessions/unknown", 404), ("/v1/sessions", 422), ("/nowhere", 404), ("/no/where", 404)):
        response = ada.request("HEAD", path)
        assert (response.status, response.data) == (status, b""), path
    assert api.request("HEAD", "/v1/me").status == 401


def test_a_304_of_the_local_runner_describes_no_body_and_keeps_its_connection(controlled: Runner) -> None:
    ada = controlled.sign_in("Ada")
    tag = ada.request("GET", "/v1/me").headers["ETag"]
    address = urlsplit(controlled.base)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=30)
    found = []
    for path in ("/v1/me", "/v1/me", "/health"):
        connection.request("GET", path, headers={"Authorization": f"Bearer {ada.token}", "If-None-Match": tag})
        response = connection.getresponse()
        response.read()
        found.append((response.status, [name in response.headers for name in ("Content-Type", "Content-Length")]))
    connection.close()
    assert found == [(304, [False, False]), (304, [False, False]), (200, [True, True])]


def _document(api: Service) -> dict[str, dict[str, dict[str, object]]]:
    return dict(api.request("GET", "/openapi.json").json)


def _steady(headers: Mapping[str, str]) -> dict[str, str | None]:
    """Return the headers that must be the same for GET and HEAD."""
    return {name: headers.get(name) for name in ("Content-Type", "ETag", "Cache-Control", "Vary", "Content-Length")}


def test_the_tag_of_a_range_follows_its_sessions(ada: Client, slots: Slots) -> None:
    slot = slots.far()
    around = {"start": text_of(slot.after(minutes=-60)), "end": text_of(slot.after(minutes=60) + timedelta(hours=1))}
    empty = ada.get("/v1/sessions", **around).headers["ETag"]
    session = ada.book(slot)
    assert ada.get("/v1/sessions", **around).headers["ETag"] != empty
    ada.cancel(session["sessionId"])
    assert ada.get("/v1/sessions", **around).headers["ETag"] == empty
