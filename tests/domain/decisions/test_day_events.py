"""The events of each write of a day, compared with a table and with what the API shows before and after the write."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from msgspec import to_builtins
from msgspec.structs import replace

from chalicelib.domain.decisions.day_editor import DayChange, DayEditor
from chalicelib.domain.decisions.day_events import day_events
from chalicelib.domain.model.booking import Booking, BookingChange, ChangeKind, PartnerPreference, QueuePosition, State
from chalicelib.domain.model.day import Day, Days
from chalicelib.domain.model.event import Event, EventKind, event_id
from chalicelib.domain.model.member import Activity, WorkStyle
from chalicelib.domain.model.slot import Slot
from chalicelib.handlers.http.responses import serializers
from chalicelib.services.bookings.sessions import SessionView
from tests.domain.samples import NOON, SLOT, days_of, pair, profile, waiting
from tests.properties import given, settings

DATE = SLOT.date
LONG = "a title that is too long for the day " * 3
QUIET = WorkStyle(quiet=True)
ADA, BEN, CY, DEE = (waiting(name) for name in ("ada", "ben", "cy", "dee"))
# Ada and Ben are matched, and so are Cy and Dee.
MATCHED = (*pair(ADA, BEN), *pair(CY, DEE, pair_id="other pair"))
LOCKED_IN = pair(ADA, BEN, State.LOCKED_IN)

Edit = Callable[[DayEditor], object]
Kinds = dict[str, list[str]]


def edited(edit: Edit, *bookings: Booking, now: datetime = NOON) -> tuple[DayChange, ...]:
    """Return the changes of the days of the four members after an edit."""
    empty = Days(Day(name, DATE) for name in ("ada", "ben", "cy", "dee"))
    editor = DayEditor(empty | days_of(*bookings), "operation", now)
    edit(editor)
    return editor.changes()


def kinds(changes: tuple[DayChange, ...], now: datetime = NOON) -> Kinds:
    """Return the kinds of events by member, without the prefix that all share."""
    found: Kinds = {}
    for change in changes:
        # The stream has no old image of a new day.
        before = change.before if change.before.version else None
        if events := day_events(before, change.after, now):
            found[change.after.member_id] = [event.kind.removeprefix("session.") for event in events]
    return found


def lock_over_two_pairs(editor: DayEditor) -> None:
    """Lock Ada in with Cy, and pair the two displaced members with each other (R12)."""
    left = [editor.displace_partner_of(booking) for booking in (MATCHED[0], MATCHED[2])]
    editor.lock(MATCHED[0], MATCHED[2], "locked pair")
    assert left[0]
    assert left[1]
    editor.match(left[0], left[1], "pair of the displaced", kind=ChangeKind.DISPLACED)


def lock_over_one_pair(editor: DayEditor) -> None:
    """Lock Cy, who waits, in with Ada, which displaces Ben."""
    editor.displace_partner_of(MATCHED[0])
    editor.lock(CY, MATCHED[0], "locked pair")


def move_apart(editor: DayEditor) -> None:
    """Move the pair of Ada and Ben apart, and pair them with Cy and Dee, who wait (R21)."""
    for booking, other, pair_id in ((MATCHED[0], CY, "one"), (MATCHED[1], DEE, "two")):
        editor.move(booking)
        editor.match(editor.booking(booking), other, pair_id)


def book_and_match(editor: DayEditor) -> None:
    editor.queue(CY)
    editor.match(editor.booking(CY), ADA, "new pair")


def book_and_lock(editor: DayEditor) -> None:
    editor.queue(CY)
    editor.lock(editor.booking(CY), ADA, "new pair")


def revise(booking: Booking, **changes: Any) -> Edit:
    return lambda editor: editor.revise(replace(booking, **changes))


CASES: dict[str, tuple[Edit, tuple[Booking, ...], Kinds]] = {
    "a booking that waits": (lambda editor: editor.queue(ADA), (), {"ada": ["booked"]}),
    "a booking beside another": (
        lambda editor: editor.queue(replace(ADA, booking_id="later", slot=Slot(SLOT.start + timedelta(hours=2), 50))),
        (ADA,),
        {"ada": ["booked"]},
    ),
    "a booking that is matched at once": (book_and_match, (ADA,), {"cy": ["booked", "matched"], "ada": ["matched"]}),
    "a booking that locks": (book_and_lock, (ADA,), {"cy": ["booked", "locked_in"], "ada": ["locked_in"]}),
    "a match of two who wait": (
        lambda editor: editor.match(ADA, BEN, "pair"),
        (ADA, BEN),
        {"ada": ["matched"], "ben": ["matched"]},
    ),
    "a lock of two who are matched with each other": (
        lambda editor: editor.lock(MATCHED[0], MATCHED[1], "pair"),
        MATCHED[:2],
        {"ada": ["locked_in"], "ben": ["locked_in"]},
    ),
    "a lock that displaces one": (
        lock_over_one_pair,
        (*MATCHED[:2], CY),
        {"ada": ["locked_in"], "ben": ["displaced"], "cy": ["locked_in"]},
    ),
    "a lock that displaces two, who are paired with each other": (
        lock_over_two_pairs,
        MATCHED,
        {
            "ada": ["locked_in"],
            "ben": ["displaced", "matched"],
            "cy": ["locked_in"],
            "dee": ["displaced", "matched"],
        },
    ),
    "a move before the start": (
        move_apart,
        (*MATCHED[:2], CY, DEE),
        {
            "ada": ["displaced", "matched"],
            "ben": ["displaced", "matched"],
            "cy": ["matched"],
            "dee": ["matched"],
        },
    ),
    "a cancel without a partner": (lambda editor: editor.cancel(ADA), (ADA,), {"ada": ["cancelled"]}),
    "a cancel of a match": (
        lambda editor: editor.cancel(MATCHED[0]),
        MATCHED[:2],
        {"ada": ["cancelled"], "ben": ["partner_cancelled"]},
    ),
    "a cancel of a lock": (
        lambda editor: editor.cancel(LOCKED_IN[0]),
        LOCKED_IN,
        {"ada": ["cancelled"], "ben": ["partner_cancelled"]},
    ),
    "a block": (
        lambda editor: editor.part(LOCKED_IN[0]),
        LOCKED_IN,
        {"ada": ["partner_cancelled"], "ben": ["partner_cancelled"]},
    ),
    "a title": (revise(MATCHED[0], title="My thesis"), MATCHED[:2], {"ada": ["changed"]}),
    "a long title": (lambda editor: editor.revise(ADA.titled(LONG)), (ADA,), {"ada": ["changed"]}),
    "a work style without a partner": (revise(ADA, work_style=QUIET), (ADA,), {"ada": ["changed"]}),
    "a work style that the partner sees": (
        revise(MATCHED[0], work_style=QUIET),
        MATCHED[:2],
        {"ada": ["changed"], "ben": ["changed"]},
    ),
    "a preference for favorites": (
        revise(ADA, preference=PartnerPreference(favorites=True)),
        (ADA,),
        {"ada": ["changed"]},
    ),
    "a preference for one member, which no view shows": (
        revise(ADA, preference=PartnerPreference(named="cy")),
        (ADA,),
        {},
    ),
    "a new place in the queue, which no view shows": (
        revise(ADA, queue_position=QueuePosition(displaced=True, since=NOON), queue_shard=2),
        (ADA,),
        {},
    ),
    "a deleted account": (
        lambda editor: editor.erase(("ada", DATE)),
        (replace(MATCHED[0], title="My thesis"), MATCHED[1]),
        {"ada": ["changed"]},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_r42_each_edit_of_a_day_means_these_events(case: str) -> None:
    edit, bookings, expected = CASES[case]
    assert kinds(edited(edit, *bookings)) == expected


def test_r42_the_id_names_booking_version_and_kind_and_nothing_of_the_delivery() -> None:
    (change,) = edited(lambda editor: editor.cancel(ADA), ADA)
    (first,) = day_events(change.before, change.after, NOON)
    (repeated,) = day_events(change.before, change.after, NOON + timedelta(seconds=1))
    key = event_id(ADA.booking_id, change.after.version, EventKind.CANCELLED)
    assert first == Event(key, EventKind.CANCELLED, "ada", NOON, SLOT, ADA.booking_id)
    assert repeated.event_id == key
    (later,) = day_events(change.before, replace(change.after, version=change.after.version + 1), NOON)
    assert later.event_id != key


def test_r42_a_write_that_only_counts_means_no_event() -> None:
    day = Day("ada", DATE, version=1, bookings=(ADA,))
    written = day.with_cancelled_by(SLOT, "ben").with_recorded_response(DATE).written_by("operation")
    assert day_events(day, written, NOON) == []


def test_r42_a_booking_that_its_day_drops_means_no_event() -> None:
    day = Day("ada", DATE, version=1, bookings=(replace(ADA.cancelled(NOON), booking_id="old"), ADA))
    assert day_events(day, replace(day, bookings=(ADA,), version=2), NOON) == []


def test_r42_a_title_of_an_earlier_release_that_moves_out_of_the_day_means_no_event() -> None:
    """The old image has the text, and the new one has its digest."""
    day = Day("ada", DATE, version=1, bookings=(replace(ADA, title=LONG),))
    moved = day.with_moved_titles()
    (booking,) = moved.bookings
    assert booking.long_title is not None
    assert day_events(day, replace(moved, bookings=(replace(booking, title=None),), version=2), NOON) == []


def test_r42_changes_within_one_second_hide_no_loss() -> None:
    """All changes that a booking keeps are equal, before the write and after it."""
    displaced = (BookingChange(ChangeKind.DISPLACED, NOON),) * 3
    before = replace(MATCHED[0], changes=displaced)
    after = before.waiting(QueuePosition(displaced=True, since=NOON), displaced[0])
    assert after.changes == before.changes
    assert kinds((DayChange(*(Day("ada", DATE, version=1, bookings=(one,)) for one in (before, after))),)) == {
        "ada": ["displaced"]
    }


def test_r33_what_a_deletion_takes_from_a_partner_after_the_start_means_no_event() -> None:
    one, other = pair(replace(ADA, work_style=QUIET), BEN)
    changes = edited(lambda editor: editor.erase(("ada", DATE)), one, other, now=SLOT.start)
    assert kinds(changes, SLOT.start) == {"ada": ["changed"]}
    assert "ben" in {change.after.member_id for change in changes}


@pytest.mark.parametrize("kind", [ChangeKind.MATCHED, ChangeKind.DISPLACED, ChangeKind.PARTNER_CANCELLED])
@pytest.mark.parametrize("state", [State.MATCHED, State.LOCKED_IN])
def test_r38_an_ask_is_a_change_for_its_owner_and_a_missed_session_for_the_absent_partner(
    kind: ChangeKind, state: State
) -> None:
    """The last change of the pair says nothing about the ask, also if a lock had displaced both."""
    one, other = (replace(half, changes=(BookingChange(kind, NOON),)) for half in pair(ADA, BEN, state))
    now = SLOT.start + timedelta(minutes=3)
    changes = edited(lambda editor: editor.seek_again(replace(one, joined_at=SLOT.start)), one, other, now=now)
    assert kinds(changes, now) == {"ada": ["changed"], "ben": ["missed"]}


def test_r38_the_pair_of_a_second_chance_is_a_match_for_both() -> None:
    now = SLOT.start + timedelta(minutes=3)
    seeking = [replace(half, joined_at=SLOT.start).seeking_again(now) for half in (ADA, BEN)]
    changes = edited(lambda editor: editor.match(seeking[0], seeking[1], "pair"), *seeking, now=now)
    assert kinds(changes, now) == {"ada": ["matched"], "ben": ["matched"]}


# The steps of a random story on one slot, by name.
STEPS = ("queue", "cancel", "match", "lock", "move", "part", "revise")


class Story:
    """The days of four members, edited by random steps that the editor admits."""

    def __init__(self) -> None:
        self.days = Days(Day(name, DATE) for name in ("ada", "ben", "cy", "dee"))
        self.now = NOON - timedelta(minutes=30)

    def step(self, name: str, places: tuple[int, int], number: int) -> tuple[DayChange, ...]:
        """Make one step with two of the members, and return the changes of their days."""
        self.now += timedelta(seconds=1)
        editor = DayEditor(self.days, f"step {number}", self.now)
        held = [next(day.active, None) for day in self.days]
        one, other = (held[place] for place in places)
        if name == "queue" and one is None:
            member = [day.member_id for day in self.days][places[0]]
            editor.queue(replace(waiting(member), booking_id=f"booking {number}", requested_at=self.now))
        elif one is not None:
            self._edit(editor, name, one, other, number)
        changes = editor.changes()
        self.days = self.days | Days(change.after for change in changes)
        return changes

    def _edit(self, editor: DayEditor, name: str, one: Booking, other: Booking | None, number: int) -> None:
        both_free = other is not None and other is not one and State.LOCKED_IN not in (one.state, other.state)
        if name == "cancel":
            editor.cancel(one)
        elif name == "part" and one.partner:
            editor.part(one)
        elif name == "move" and one.state is State.MATCHED and not one.moved:
            editor.move(one)
            editor.displace_partner_of(one)
        elif name == "match" and other and both_free and not one.partner and not other.partner:
            editor.match(one, other, f"pair {number}")
        elif name == "lock" and other and both_free:
            left = [editor.displace_partner_of(each) for each in (one, other)] if _is_apart(one, other) else []
            editor.lock(one, other, f"pair {number}")
            if len(found := list(filter(None, left))) == 2:
                editor.match(found[0], found[1], f"second pair {number}", kind=ChangeKind.DISPLACED)
        elif name == "revise":
            style = WorkStyle(list(Activity)[number % 3], quiet=number % 2 == 0)
            favorites = PartnerPreference(favorites=number % 4 < 2)
            editor.revise(replace(one, title=f"title {number % 2}", work_style=style, preference=favorites))


def _is_apart(one: Booking, other: Booking) -> bool:
    return one.partner is None or one.partner.member_id != other.member_id


def shown(day: Day, now: datetime) -> dict[str, dict[str, Any]]:
    """Return the sessions of a day as the API shows them to their owner."""
    views = (
        SessionView(
            held,
            profile(held.partner.member_id) if held.partner else None,
            False,
            now,
            final=False,
            room_page=held.partner.pair_id if held.partner else None,
        )
        for held in day.bookings
    )
    return {view.booking.booking_id: to_builtins(serializers.session(view)) for view in views}


def seen_kinds(before: dict[str, Any] | None, after: dict[str, Any], now: str) -> Iterator[str]:
    """Yield the events that an owner would name who compares two responses."""
    if before is None:
        yield "booked"
    if before and after["state"] == "cancelled" != before["state"]:
        yield "cancelled"
    # The changes of this second, oldest first. The member's pair is the room.
    fresh = [change["kind"] for change in reversed(after["changes"]) if change["at"] == now]
    if before and before["roomUrl"] and after["state"] != "cancelled":
        yield from dict.fromkeys(kind for kind in fresh if kind in ("displaced", "partner_cancelled"))
    if after["roomUrl"] and (
        before is None or (before["roomUrl"], before["state"]) != (after["roomUrl"], after["state"])
    ):
        yield after["state"]
    if before and not fresh and after["state"] != "cancelled" and before != after:
        yield "changed"


@settings(max_examples=100)
@given(st.lists(st.tuples(st.sampled_from(STEPS), st.tuples(st.integers(0, 3), st.integers(0, 3))), max_size=40))
def test_r42_the_events_of_every_write_are_what_its_owner_sees_change(steps: list[tuple[str, tuple[int, int]]]) -> None:
    story, ids = Story(), []
    for number, (name, places) in enumerate(steps):
        for change in story.step(name, places, number):
            before, after = shown(change.before, story.now), shown(change.after, story.now)
            now = serializers.instant_text(story.now)
            expected = {key: list(seen_kinds(before.get(key), session, now)) for key, session in after.items()}
            events = day_events(change.before if change.before.version else None, change.after, story.now)
            found: dict[str, list[str]] = {key: [] for key in after}
            for event in events:
                assert event.booking_id
                found[event.booking_id].append(event.kind.removeprefix("session."))
            assert found == expected, name
            ids += [event.event_id for event in events]
    assert len(ids) == len(set(ids))
