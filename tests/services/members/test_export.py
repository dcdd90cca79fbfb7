"""The export of a member's own data (R33). `test_delete.py` has the export of a member who returns."""

import json

import msgspec

from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.model.day import KEPT_CANCELLED
from chalicelib.domain.model.member import Activity
from chalicelib.handlers.http.responses import account_serializers
from chalicelib.services.bookings.book import KeyedRequest
from chalicelib.services.members.export import export_account
from tests.harness import World, at

NINE = at(30)


def test_r33_the_export_shows_a_cancelled_session_that_its_day_has_dropped(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE, activity=Activity.MOVING)
    matched = world.reply(ben, BookingRequest(NINE, title="Mine"), KeyedRequest("key", "digest"))
    assert json.loads(matched.body)["session"]["state"] == "matched"
    for _ in range(KEPT_CANCELLED + 1):
        world.cancel(ben, world.seen(ben, NINE))
        world.book(ben, NINE)
    world.leave(ada)
    world.now = NINE.end
    sessions = msgspec.to_builtins(account_serializers.export(export_account(world.context, ben)))["sessions"]
    assert [session["state"] for session in sessions] == [*["cancelled"] * (KEPT_CANCELLED + 1), "unmatched"]
    (dropped,) = (session for session in sessions if session["title"] == "Mine")
    assert (len(dropped["users"]), dropped["roomUrl"], dropped["lastChange"]) == (1, None, None)


def test_r33_r36_the_export_has_long_titles_also_of_cancelled_sessions(world: World) -> None:
    ada = world.member("Ada")
    long = "a" * 65
    world.book(ada, NINE, title=f"{long} 1")
    world.cancel(ada, world.book(ada, at(54), title=f"{long} 2"))
    exported = msgspec.to_builtins(account_serializers.export(export_account(world.context, ada)))
    assert [session["title"] for session in exported["sessions"]] == [f"{long} 2", f"{long} 1"]
