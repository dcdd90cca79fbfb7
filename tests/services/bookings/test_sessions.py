"""Read and edit own sessions (R2, R34)."""

from contextlib import nullcontext
from datetime import timedelta

import pytest
from msgspec.structs import replace

from bench.request_units import RequestUnitLedger
from chalicelib.domain.model.booking import PartnerPreference
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.errors import NotFound, TooLate, Unauthenticated
from chalicelib.domain.model.member import Activity, RelationKind
from chalicelib.services.bookings.sessions import (
    DAYS_A_PAGE,
    SessionEdit,
    edit_session,
    list_sessions,
    own_day,
)
from chalicelib.services.members.profiles import view_self
from chalicelib.storage import reads, title_reads
from chalicelib.storage.day_mappers import day_item
from tests.batches import save
from tests.harness import World, at

NINE = at(1)
NOTHING = SessionEdit(title=None, retitled=False, activity=None, quiet=None)
LONG, LONGER = "a" * 65, "\N{GRINNING FACE}" * 200


def retitled(title: str | None) -> SessionEdit:
    return SessionEdit(title, retitled=True, activity=None, quiet=None)


@pytest.mark.sampled(every=5)
@pytest.mark.parametrize("state", ["waiting", "matched", "locked_in", "started"])
@pytest.mark.parametrize(
    "edit",
    [
        SessionEdit("Mine", retitled=True, activity=None, quiet=None),
        SessionEdit(None, retitled=False, activity=Activity.MOVING, quiet=None),
        SessionEdit("Mine", retitled=True, activity=Activity.DESK, quiet=True),
        SessionEdit(None, retitled=False, activity=None, quiet=None, prefer_favorites=True),
        NOTHING,
    ],
)
def test_r34_a_partner_sees_a_changed_work_style_and_never_the_title(
    world: World, state: str, edit: SessionEdit
) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ada, ben)
    if state != "waiting":
        world.book(ben, NINE)
    session = world.lock(ada, ben, NINE) if state == "locked_in" else world.book(ada, NINE)
    if state == "started":
        world.now = NINE.start
    if state == "started" and (edit.activity or edit.prefer_favorites):
        with pytest.raises(TooLate):
            edit_session(world.context, ada, session["sessionId"], edit)
        return
    edit_session(world.context, ada, session["sessionId"], edit)
    seen = world.seen(ada, NINE)
    assert seen["title"] == edit.title
    assert seen["users"][0]["activityType"] == (edit.activity or "anything")
    assert seen["preferFavorites"] is bool(edit.prefer_favorites)
    if state != "waiting":
        theirs = world.seen(ben, NINE)
        assert theirs["users"][1]["activityType"] == (edit.activity or "anything")
        assert theirs["users"][1]["quietMode"] is bool(edit.quiet)
        assert "Mine" not in str(theirs)
        assert theirs["preferFavorites"] is False


@pytest.mark.parametrize(("before", "refused"), [(timedelta(0), True), (timedelta(microseconds=1), False)])
def test_r34_work_style_and_preference_of_a_session_can_change_until_its_start(
    world: World, before: timedelta, refused: bool
) -> None:
    ada = world.member("Ada")
    session = world.book(ada, NINE, title=LONG)
    world.now = NINE.start - before
    # The same work style and preference are no change.
    same = SessionEdit(None, False, Activity.ANYTHING, quiet=False, prefer_favorites=False)
    edit_session(world.context, ada, session["sessionId"], same)
    quiet = SessionEdit(None, retitled=False, activity=None, quiet=True)
    favorites = SessionEdit(None, retitled=False, activity=None, quiet=None, prefer_favorites=True)
    for edit in (quiet, favorites):
        with pytest.raises(TooLate) if refused else nullcontext():
            edit_session(world.context, ada, session["sessionId"], edit)
    seen = world.seen(ada, NINE)
    assert (seen["users"][0]["quietMode"], seen["preferFavorites"]) == (not refused, not refused)
    assert edit_session(world.context, ada, session["sessionId"], retitled(LONGER)).booking.title == LONGER


def test_r20_an_edit_keeps_the_partner_that_the_booking_prefers_by_name(world: World) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    session = world.book(ada, NINE, prefer=ben)
    favorites = SessionEdit(None, retitled=False, activity=None, quiet=None, prefer_favorites=True)
    edit_session(world.context, ada, session["sessionId"], favorites)
    preference = world.day(ada, NINE).bookings[0].preference
    assert preference == PartnerPreference(favorites=True, named=ben.member_id)
    world.say(cy, RelationKind.SNOOZE, ada, until=NINE.end)
    world.after(hours=-1).book(cy, NINE)
    world.after(hours=1).book(ben, NINE)
    assert world.state(ben, NINE) == ("matched", "Ada")


def test_another_members_and_a_cancelled_session_cannot_be_edited(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    session = world.book(ada, NINE)
    with pytest.raises(NotFound):
        edit_session(world.context, ben, session["sessionId"], NOTHING)
    world.cancel(ada, session)
    with pytest.raises(TooLate):
        edit_session(world.context, ada, session["sessionId"], NOTHING)


def test_r33_an_edit_without_a_change_is_refused_after_the_account_is_deleted(world: World) -> None:
    """The day of the past session stays for the partner, and the edit writes nothing that would fail."""
    ada, ben = world.members("Ada", "Ben")
    session = world.book(ada, NINE)
    world.book(ben, NINE)
    world.now = NINE.end
    edit_session(world.context, ada, session["sessionId"], NOTHING)
    world.leave(ada)
    with pytest.raises(Unauthenticated):
        edit_session(world.context, ada, session["sessionId"], NOTHING)


def test_a_page_has_only_sessions_that_start_before_the_last_one_of_the_page_before(world: World) -> None:
    ada = world.member("Ada")
    for slot in (at(1), at(3), at(5)):
        world.book(ada, slot)
    views = list_sessions(world.context, ada, at(1).start, at(9).start, before=at(3).start, limit=None)
    assert [view.booking.slot for view in views] == [at(1)]


def test_sessions_that_overlap_the_range_are_listed_newest_first(world: World) -> None:
    ada = world.member("Ada")
    for slot in (at(1), at(3), at(15.5), at(30)):
        world.book(ada, slot)
    world.cancel(ada, world.seen(ada, at(3)))

    def listed(start: float, end: float) -> list[object]:
        first, last = at(start).start, at(end).start
        views = list_sessions(world.context, ada, first, last, before=None, limit=None)
        return [view.booking.slot for view in views]

    assert listed(0, 40) == [at(30), at(15.5), at(1)]
    # Both ends of the range are included. A session lasts from its start to its end, 50 minutes later.
    assert listed(1, 1) == [at(1)]
    assert listed(1 + 50 / 60, 2) == [at(1)]
    assert listed(1 + 51 / 60, 2) == []
    # A session of the previous day reaches into the range.
    assert listed(16, 17) == [at(15.5)]


def test_completed_sessions_are_counted_from_the_days(world: World) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    for slot, partner in ((at(1), ben), (at(3), cy), (at(25), ben)):
        world.book(ada, slot)
        world.book(partner, slot)
    world.book(ada, at(5))
    world.cancel(cy, world.seen(cy, at(3)))

    def completed() -> int:
        return view_self(world.context, reads.profile(world.table, ada.member_id)).completed_sessions

    assert completed() == 0
    world.now = at(1).end - timedelta(seconds=1)
    assert completed() == 0
    world.now = at(1).end
    assert completed() == 1
    assert world.seen(ada, at(1))["users"][0]["completed"] is True
    world.after(days=400)
    assert completed() == 2


def test_r34_r36_a_title_may_become_long_longer_short_and_none(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ben, NINE)
    session = world.book(ada, NINE)
    for title in (LONG, LONGER, LONGER, "short", LONG, None):
        edited = edit_session(world.context, ada, session["sessionId"], retitled(title))
        assert edited.booking.title == title
        assert world.session(ada, session)["title"] == title
        assert world.session(ada, session)["users"][0]["sessionTitle"] == title
        assert list(title_reads.long_titled(world.table, ada.member_id)) == (
            [session["sessionId"]] if title in (LONG, LONGER) else []
        )
        world.check()


def test_r34_r36_another_change_of_a_session_keeps_its_long_title(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    session = world.book(ada, NINE, title=LONG)
    quiet = SessionEdit(title=None, retitled=False, activity=None, quiet=True)
    assert edit_session(world.context, ada, session["sessionId"], quiet).booking.title == LONG
    world.book(ben, NINE)
    world.cancel(ben, world.seen(ben, NINE))
    assert world.session(ada, session)["title"] == LONG
    world.cancel(ada, session)
    assert world.session(ada, session)["title"] == LONG


def test_r36_a_list_has_each_long_title_after_one_more_request(world: World) -> None:
    ada = world.member("Ada")
    for hours in (1, 2, 25, 49):
        world.book(ada, at(hours, minutes=25), title=f"{LONG} {hours}")
    world.book(ada, at(3), title="short")
    with RequestUnitLedger(world.table.connection.client) as ledger:
        views = list_sessions(world.context, ada, at(1).start, at(49).end, before=None, limit=None)
    assert [view.booking.title for view in views] == [f"{LONG} 49", f"{LONG} 25", "short", f"{LONG} 2", f"{LONG} 1"]
    assert [request.operation for request in ledger.requests] == ["Query", "Query"]


def test_r36_a_day_of_an_earlier_release_shows_its_long_title_which_moves_at_the_owners_next_write(
    world: World,
) -> None:
    ada, ben = world.members("Ada", "Ben")
    session = world.book(ada, NINE, title="short")
    day = world.day(ada, NINE)
    old = replace(day, bookings=tuple(replace(booking, title=LONG) for booking in day.bookings))
    save(world.table, [day_item(old)])
    assert world.session(ada, session)["title"] == LONG
    world.book(ben, NINE)
    assert world.session(ada, session)["title"] == LONG
    assert [booking.title for booking in world.day(ada, NINE).bookings] == [LONG]
    world.book(ada, at(3))
    assert world.session(ada, session)["title"] == LONG
    assert [booking.title for booking in world.day(ada, NINE).bookings] == [None, None]
    world.check()


def test_r36_a_page_of_sessions_reads_no_day_beyond_its_first_50(world: World) -> None:
    ada = world.member("Ada")
    days = [Day(ada.member_id, at(24 * n).date, version=1) for n in range(DAYS_A_PAGE + 2)]
    save(world.table, map(day_item, days))
    for n in (DAYS_A_PAGE, DAYS_A_PAGE + 1):
        world.book(ada, at(24 * n))
    start, end = at(0).start, at(24 * (DAYS_A_PAGE + 1)).end
    with RequestUnitLedger(world.table.connection.client) as ledger:
        page = list_sessions(world.context, ada, start, end, before=None, limit=2)
        first_page = len(ledger.requests)
        whole = list_sessions(world.context, ada, start, end, before=None, limit=None)
    assert page == whole
    assert (first_page, len(ledger.requests)) == (1, 2)
    assert list_sessions(world.context, ada, start, end, before=None, limit=3) == whole


def test_r34_an_edit_that_lost_a_race_after_its_first_read_is_decided_on_a_new_one(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    held = world.book(ada, NINE)["sessionId"]
    begun = own_day(world.context, ada.member_id, held)
    world.book(ben, NINE)
    edit_session(
        world.context, ada, held, SessionEdit(retitled=True, title="New", activity=None, quiet=None), lambda: begun
    )
    shown = world.session(ada, {"sessionId": held})
    assert (shown["state"], shown["title"]) == ("matched", "New")
