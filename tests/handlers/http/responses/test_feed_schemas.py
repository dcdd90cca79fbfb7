"""Tests of the public form of calendar feeds."""

import msgspec

from chalicelib.domain.model.calendar_feed import CalendarFeed
from chalicelib.handlers.http.responses.feed_schemas import new_feed, shown_feed
from tests.harness import MONDAY

FEED = CalendarFeed(member_id="a", feed_id="one", digest="secret", made_at=MONDAY)


def test_r44_a_feed_shows_its_address_only_when_it_is_new() -> None:
    shown = {"calendarFeedId": "one", "createdAt": "2026-03-02T08:00:00+00:00"}
    assert msgspec.to_builtins(shown_feed(FEED)) == shown
    assert msgspec.to_builtins(new_feed(FEED, "https://x.example/c/y.ics")) == {
        **shown,
        "url": "https://x.example/c/y.ics",
    }
