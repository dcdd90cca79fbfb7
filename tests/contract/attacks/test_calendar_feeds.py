"""Attacks with the secret address of a calendar feed, and on the members whose sessions it shows (R44)."""

import re
from typing import Any

import pytest

from tests.contract.client import ApiResponse, Client, Runner, Service
from tests.contract.shapes import check_problem
from tests.contract.slots import Slots

FEEDS = "/v1/calendar-feeds"


def make_feed(member: Client) -> dict[str, Any]:
    response = member.post(FEEDS, {})
    assert response.status == 201, response
    return response.json["calendarFeed"]


def path_of(feed: dict[str, Any]) -> str:
    """Return the path of a feed without the stage of a gateway."""
    return f"/c/{feed['url'].rpartition('/')[2]}"


def opened(api: Service, feed: dict[str, Any], **headers: str) -> ApiResponse:
    """Read a feed as a stranger."""
    return api.request("GET", path_of(feed), headers=headers)


def unfolded(response: ApiResponse) -> str:
    assert response.status == 200, response
    return response.data.decode().replace("\r\n ", "")


@pytest.mark.long  # Waits for a pair on the local run, and tries the token on several routes.
def test_r44_a_stolen_feed_opens_no_room_and_nothing_else(api: Service, ada: Client, ben: Client, slots: Slots) -> None:
    """A calendar program that a member no longer trusts tries its address everywhere."""
    slot = slots.near()
    ada.book(slot, title="Thesis")
    room = ben.book(slot)["roomUrl"].rpartition("/")[2]
    feed = make_feed(ada)
    content = unfolded(opened(api, feed))
    assert ("Thesis (with Ben)" in content, room in content, ben.user_id in content) == (True, False, False)
    token = path_of(feed).removeprefix("/c/").removesuffix(".ics")
    for headers in ({"Authorization": f"Bearer {token}"}, {"X-API-KEY": token}, {"X-API-KEY": f"lockstep_{token}"}):
        check_problem(api.request("GET", "/v1/me", headers=headers), 401, "unauthenticated")
    check_problem(api.request("GET", f"/i/{token}"), 404, "invite_unavailable")
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert api.request(method, path_of(feed)).status in (404, 405)


def test_r44_a_revoked_feed_stops_at_once_also_for_a_program_that_knows_its_content(api: Service, ada: Client) -> None:
    feed, kept = make_feed(ada), make_feed(ada)
    tag = opened(api, feed).headers["ETag"]
    assert ada.delete(f"{FEEDS}/{feed['calendarFeedId']}").status == 204
    check_problem(opened(api, feed, **{"If-None-Match": tag}), 404, "not_found")
    assert opened(api, kept).status == 200


def test_r33_the_feed_of_a_deleted_account_looks_like_an_unknown_one(api: Service, ada: Client) -> None:
    feed = make_feed(ada)
    assert ada.delete("/v1/me").status == 204
    gone, unknown = opened(api, feed), api.request("GET", f"/c/{'0' * 26}.ics")
    check_problem(gone, 404, "not_found")
    assert without_instance(gone) == without_instance(unknown)


def without_instance(response: ApiResponse) -> dict[str, Any]:
    return {name: value for name, value in response.json.items() if name != "instance"}


@pytest.mark.parametrize("scope", ["read", "write", "export"])
def test_r35_a_leaked_key_makes_no_feed_that_outlives_it(api: Service, ada: Client, scope: str) -> None:
    key = ada.post("/v1/api-keys", {"name": "A script", "scope": scope}).json["apiKey"]["key"]
    headers = {"X-API-KEY": key, "Content-Type": "application/json"}
    check_problem(api.request("POST", FEEDS, headers=headers, body=b"{}"), 403, "forbidden")
    assert ada.get(FEEDS).json == {"calendarFeeds": []}


@pytest.mark.long  # Reads the feed of each title.
@pytest.mark.parametrize("title", ["a\\nATTENDEE:mailto:x@x.example", "a\u2028b", "END:VEVENT", "x" * 200, "\\,;:"])
def test_r44_a_title_writes_no_line_of_a_feed(api: Service, ada: Client, slots: Slots, title: str) -> None:
    ada.book(slots.near(), title=title)
    names = re.findall(r"^([A-Z-]+)[:;]", unfolded(opened(api, make_feed(ada))), re.MULTILINE)
    assert names.count("SUMMARY") == names.count("UID") == 1
    assert "ATTENDEE" not in names


@pytest.mark.long  # Makes and parts two pairs.
def test_r1_a_block_looks_like_a_cancel_in_the_feed_of_the_blocked_member(api: Runner) -> None:
    """A member compares the feed after a cancel with the one after a block."""
    seen = []
    for leave in ("cancel", "block"):
        leaver, left = api.sign_in_all("Leaver", "Left")
        slot = api.slots.near()
        session = leaver.book(slot)
        left.book(slot, title="Thesis")
        leaver.lock(left, slot)
        feed = make_feed(left)
        before = sequence(api, feed)
        if leave == "cancel":
            leaver.cancel(session["sessionId"])
        else:
            leaver.set_relation("block", left)
        lines = unfolded(opened(api, feed)).split("\r\n")
        own = ("UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE")
        seen.append(([line for line in lines if not line.startswith(own)], sequence(api, feed) - before))
    assert seen[1] == seen[0]
    assert "DESCRIPTION:Waiting for a partner." in seen[1][0]


def sequence(api: Service, feed: dict[str, Any]) -> int:
    (number,) = re.findall(r"\nSEQUENCE:(\d+)", unfolded(opened(api, feed)))
    return int(number)
