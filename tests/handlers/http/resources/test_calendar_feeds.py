"""Tests of the views of calendar feeds, and of the feeds as two parsers read them (R44)."""

from datetime import timedelta
from typing import Any

import pytest
import vobject
from chalice.test import Client, HTTPResponse
from icalendar import Calendar
from msgspec.structs import replace

from chalicelib.handlers.http.resources.calendar_feeds import address
from chalicelib.settings import Messaging
from tests.handlers.all_routes import api
from tests.handlers.callers import member, request
from tests.handlers.conftest import SignIn
from tests.harness import World, at

FEEDS = "/v1/calendar-feeds"


def fetch(world: World, url: str, method: str = "GET", **headers: str) -> HTTPResponse:
    """Request a feed without credentials."""
    with Client(api(world)) as visitor:
        return visitor.http.request(method, url, headers=headers)


def events(answer: HTTPResponse) -> list[tuple[str, str, str, str]]:
    """Return UID, summary, status and description of each event, which both parsers must read equally."""
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    content = answer.body.decode()
    own = [
        (str(one["UID"]), str(one["SUMMARY"]), str(one["STATUS"]), str(one["DESCRIPTION"]))
        for one in Calendar.from_ical(content).events
    ]
    others = [
        (one.uid.value, one.summary.value, one.status.value, one.description.value)
        for one in vobject.readOne(content).contents.get("vevent", [])
    ]
    assert own == others
    return own


def sequences(answer: HTTPResponse) -> list[int]:
    return [int(one["SEQUENCE"]) for one in Calendar.from_ical(answer.body).events]


def made(send: Any) -> dict[str, Any]:
    answer = send("POST", FEEDS)
    assert answer.status_code == 201
    return answer.json_body["calendarFeed"]


def test_r44_only_the_creation_shows_the_address_of_a_feed(world: World, sign_in: SignIn) -> None:
    send = sign_in("Ada")
    feed = made(send)
    # Without a gateway and a setting the service does not know its address.
    assert feed.pop("url").startswith("/c/")
    assert send("GET", FEEDS).json_body == {"calendarFeeds": [feed]}
    assert feed["createdAt"] == "2026-03-02T08:00:00+00:00"


@pytest.mark.parametrize(
    ("body", "fields"), [({"x": 1}, ["x"]), ({"url": "", "token": ""}, ["token", "url"]), ([], ["body"]), (1, ["body"])]
)
def test_a_body_of_a_feed_has_no_fields(sign_in: SignIn, body: Any, fields: list[str]) -> None:
    ada = sign_in("Ada")
    refused = ada("POST", FEEDS, body)
    assert (refused.status_code, refused.json_body["code"]) == (422, "invalid_request")
    assert sorted(error["field"] for error in refused.json_body["errors"]) == fields
    assert ada("GET", FEEDS).json_body["calendarFeeds"] == []
    # A client may send an empty body or none.
    assert [ada("POST", FEEDS, empty).status_code for empty in ({}, None)] == [201, 201]


def test_r44_the_address_of_a_feed_begins_with_the_public_address() -> None:
    asked = request(domainName="abc.gateway.example", path="/api/v1/calendar-feeds", resourcePath=FEEDS)
    assert address(Messaging(), asked, "x") == "https://abc.gateway.example/api/c/x.ics"
    assert address(Messaging(public_url="https://go.example"), asked, "x") == "https://go.example/c/x.ics"


def test_r44_a_feed_follows_one_session_through_a_change_of_partner_and_a_cancel(world: World, sign_in: SignIn) -> None:
    url = made(sign_in("Ada"))["url"]
    ada, ben, cy = (member(world, name) for name in ("Ada", "Ben", "Cy"))
    session = world.book(ada, at(1), title="Thesis")
    uid = f"{session['sessionId']}@lockstep"
    waiting = fetch(world, url)
    assert events(waiting) == [(uid, "Thesis", "TENTATIVE", "Waiting for a partner.")]
    bens = world.book(ben, at(1))
    matched = fetch(world, url)
    assert events(matched) == [(uid, "Thesis (with Ben)", "CONFIRMED", "Matched with Ben.")]
    world.cancel(ben, bens)
    world.favorite(ada, cy)
    world.favorite(cy, ada)
    world.lock(cy, ada, at(1))
    locked = fetch(world, url)
    assert events(locked) == [(uid, "Thesis (with Cy)", "CONFIRMED", "Locked in with Cy.")]
    world.cancel(ada, session)
    cancelled = fetch(world, url)
    assert events(cancelled) == [(uid, "Thesis", "CANCELLED", "Cancelled.")]
    numbers = [sequences(answer)[0] for answer in (waiting, matched, locked, cancelled)]
    assert numbers == sorted(set(numbers))


def test_r44_a_feed_shows_the_last_30_days_and_all_ahead(world: World, sign_in: SignIn) -> None:
    send = sign_in("Ada")
    url = made(send)["url"]
    ada = member(world, "Ada")
    starts = [at(1), at(24 * 10), at(24 * 31 + 2), at(24 * 90)]
    sessions = [world.book(ada, slot) for slot in starts]
    # 30 days after the end of the first session, and a minute before.
    world.now = starts[0].end + timedelta(days=30, minutes=-1)
    assert len(events(fetch(world, url))) == 4
    world.after(minutes=1)
    shown = [uid.partition("@")[0] for uid, *_ in events(fetch(world, url))]
    assert shown == [session["sessionId"] for session in sessions[1:]]


def test_r44_an_unchanged_feed_is_not_sent_again(world: World, sign_in: SignIn) -> None:
    url = made(sign_in("Ada"))["url"]
    first = fetch(world, url)
    again = fetch(world, url, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.body) == (304, b"")
    world.book(member(world, "Ada"), at(1))
    changed = fetch(world, url, **{"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert fetch(world, url, "HEAD").headers["ETag"] == changed.headers["ETag"]


def test_r44_revoked_unknown_and_malformed_feeds_get_one_answer(world: World, sign_in: SignIn) -> None:
    send = sign_in("Ada")
    feed = made(send)
    kept = made(send)["url"]
    revoking = f"{FEEDS}/{feed['calendarFeedId']}"
    assert [send("DELETE", revoking).status_code for _ in range(2)] == [204, 204]
    url = feed["url"]
    unknown = [
        "/c/" + "0" * 26 + ".ics",
        "/c/x",
        "/c/.ics",
        url.removesuffix(".ics"),
        f"{kept}.ics",
        f"{kept}x",
        f"{kept}/",
    ]
    answers = [fetch(world, path) for path in (url, *unknown)]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.body for answer in map(without_instance, answers)}) == 1
    assert fetch(world, kept).status_code == 200


def without_instance(answer: HTTPResponse) -> HTTPResponse:
    """Return the answer without the only member that differs between two equal refusals."""
    instance = answer.json_body["instance"].encode()
    answer.body = answer.body.replace(instance, b"")
    return answer


def test_r44_a_feed_of_another_member_cannot_be_revoked(sign_in: SignIn) -> None:
    feed = made(sign_in("Ada"))
    assert sign_in("Ben")("DELETE", f"{FEEDS}/{feed['calendarFeedId']}").status_code == 404
    assert len(sign_in("Ada")("GET", FEEDS).json_body["calendarFeeds"]) == 1


def test_r36_a_member_has_at_most_ten_feeds(sign_in: SignIn) -> None:
    send = sign_in("Ada")
    feeds = [made(send) for _ in range(10)]
    refused = send("POST", FEEDS)
    assert (refused.status_code, refused.json_body["code"]) == (422, "invalid_request")
    assert refused.json_body["field"] == "calendarFeeds"
    assert refused.json_body["detail"] == "You have 10 calendar feeds, which is the limit. Revoke one first."
    send("DELETE", f"{FEEDS}/{feeds[0]['calendarFeedId']}")
    assert send("POST", FEEDS).status_code == 201


def test_feeds_are_listed_by_pages(sign_in: SignIn) -> None:
    send = sign_in("Ada")
    ids = {made(send)["calendarFeedId"] for _ in range(3)}
    first = send("GET", f"{FEEDS}?limit=2").json_body
    second = send("GET", f"{FEEDS}?limit=2&cursor={first['nextCursor']}").json_body
    assert {feed["calendarFeedId"] for feed in first["calendarFeeds"] + second["calendarFeeds"]} == ids
    assert "nextCursor" not in second


def test_r33_the_feed_of_a_deleted_account_is_gone(world: World, sign_in: SignIn) -> None:
    url = made(sign_in("Ada"))["url"]
    ada = member(world, "Ada")
    world.leave(ada)
    assert fetch(world, url).status_code == 404


def test_r33_a_deleted_partner_is_a_former_member_in_a_feed(world: World, sign_in: SignIn) -> None:
    url = made(sign_in("Ada"))["url"]
    ada, ben = member(world, "Ada"), member(world, "Ben")
    world.book(ada, at(1), title="Thesis")
    world.book(ben, at(1))
    world.now = at(1).end
    world.leave(ben)
    assert [summary for _, summary, *_ in events(fetch(world, url))] == ["Thesis (with Former member)"]


def test_r34_a_feed_has_nothing_that_opens_a_room(world: World, sign_in: SignIn) -> None:
    url = made(sign_in("Ada"))["url"]
    world.book(member(world, "Ada"), at(1))
    session = world.book(member(world, "Ben"), at(1))
    room = session["roomUrl"].rpartition("/")[2]
    assert room.encode() not in fetch(world, url).body.replace(b"\r\n ", b"")


@pytest.mark.parametrize("title", ["ليلى", "अनुष्का", "👩‍👩‍👧‍👦 work", "a;b,c\\n"])
def test_r44_titles_of_every_script_are_read_as_they_were_written(world: World, sign_in: SignIn, title: str) -> None:
    url = made(sign_in("Ada"))["url"]
    world.book(member(world, "Ada"), at(1), title=title)
    assert [summary for _, summary, *_ in events(fetch(world, url))] == [title]


def test_r44_the_name_of_the_calendar_is_that_of_the_product(world: World, sign_in: SignIn) -> None:
    url = made(sign_in("Ada"))["url"]
    world.context.settings = replace(world.context.settings, messaging=Messaging(product_name="Tandem"))
    assert vobject.readOne(fetch(world, url).body.decode()).x_wr_calname.value == "Tandem"
