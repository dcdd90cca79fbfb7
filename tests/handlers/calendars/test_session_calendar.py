"""Sessions as events of a calendar, read by two parsers."""

import gzip
from datetime import UTC, datetime, timedelta
from time import process_time
from typing import Any

import pytest
import vobject
from hypothesis import strategies as st
from icalendar import Calendar, Event
from msgspec.structs import replace

from chalicelib.domain.model.booking import Booking, BookingChange, ChangeKind, Partner, State
from chalicelib.domain.model.member import Profile, WorkStyle
from chalicelib.domain.model.slot import Slot
from chalicelib.handlers.calendars.session_calendar import calendar, organizer, reminder, stamp_of, vevent
from chalicelib.services.bookings.sessions import SessionView
from tests.properties import given

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
ASKED = datetime(2026, 3, 1, 12, 30, 15, 250, tzinfo=UTC)
BEA = Profile("b" * 24, "Bea", None, "UTC", ASKED)
PAIR = Partner(BEA.member_id, "the-pair-id-that-opens-the-room", WorkStyle())
WAITING = Booking("20260302-0123456789abcdef-012345", "a" * 24, Slot(NINE, 50), ASKED, State.WAITING, title="Thesis")
MATCHED = replace(WAITING, state=State.MATCHED, partner=PAIR)


def view(booking: Booking, partner: Profile | None = None, seen_at: datetime = ASKED) -> SessionView:
    return SessionView(booking, partner, False, seen_at, False)


def content(booking: Booking, partner: Profile | None = None, **given: Any) -> bytes:
    seen_at = given.pop("seen_at", ASKED)
    event = vevent(view(booking, partner, seen_at), **{"sequence": 7, "url": None, "stamp": stamp_of(booking)} | given)
    return calendar([event])


def shown(booking: Booking, partner: Profile | None = None, seen_at: datetime = ASKED) -> tuple[str, str, str]:
    """Return summary, description and status, which must be equal for both parsers."""
    data = content(booking, partner, seen_at=seen_at)
    (one,) = Calendar.from_ical(data).events
    other = vobject.readOne(data.decode()).vevent
    found = (str(one["SUMMARY"]), str(one["DESCRIPTION"]), str(one["STATUS"]))
    assert found == (other.summary.value, other.description.value, other.status.value)
    return found


def test_r44_an_event_has_the_slot_the_id_and_the_version_of_its_session() -> None:
    data = content(MATCHED, BEA, url="https://lockstep.example/sessions/1")
    assert data.decode().split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Lockstep//Lockstep//EN",
        "CALSCALE:GREGORIAN",
        "BEGIN:VEVENT",
        "SUMMARY:Thesis (with Bea)",
        "DTSTART:20260302T090000Z",
        "DTEND:20260302T095000Z",
        "DTSTAMP:20260301T123015Z",
        "UID:20260302-0123456789abcdef-012345@lockstep",
        "SEQUENCE:7",
        "DESCRIPTION:Matched with Bea.",
        "STATUS:CONFIRMED",
        "URL:https://lockstep.example/sessions/1",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


@pytest.mark.parametrize(
    ("booking", "partner", "expected"),
    [
        (WAITING, None, ("Thesis", "Waiting for a partner.", "TENTATIVE")),
        (replace(WAITING, title=None), None, ("Session", "Waiting for a partner.", "TENTATIVE")),
        (replace(MATCHED, title=None), BEA, ("Session with Bea", "Matched with Bea.", "CONFIRMED")),
        (
            replace(MATCHED, state=State.LOCKED_IN),
            BEA,
            ("Thesis (with Bea)", "Locked in with Bea.", "CONFIRMED"),
        ),
        (MATCHED, None, ("Thesis (with Former member)", "Matched with Former member.", "CONFIRMED")),
        (WAITING.cancelled(ASKED), None, ("Thesis", "Cancelled.", "CANCELLED")),
        (MATCHED.missed(), None, ("Thesis", "Missed. The partner asked for another partner.", "TENTATIVE")),
    ],
)
def test_r44_an_event_shows_the_state_of_its_session(
    booking: Booking, partner: Profile | None, expected: tuple[str, str, str]
) -> None:
    assert shown(booking, partner) == expected


def test_r44_a_session_that_started_without_a_partner_says_so() -> None:
    assert shown(WAITING, seen_at=NINE) == ("Thesis", "No partner was found.", "TENTATIVE")


def test_r38_a_session_waits_after_a_second_chance_until_10_minutes_after_the_start() -> None:
    seeking = replace(WAITING, joined_at=NINE).seeking_again(NINE + timedelta(minutes=3))
    texts = [shown(seeking, seen_at=NINE + timedelta(minutes=minutes))[1] for minutes in (9, 10)]
    assert texts == ["Waiting for a partner.", "No partner was found."]


@pytest.mark.parametrize("name", ["ليلى‏", "अनुष्का", "Zoë 👩‍👩‍👧‍👦", 'a;b,c\\d:e"f', "Bea\\nATTENDEE:x", "x" * 80])
def test_r44_names_and_titles_of_every_script_are_read_as_they_were_written(name: str) -> None:
    expected = (f"{name} (with {name})", f"Matched with {name}.", "CONFIRMED")
    assert shown(replace(MATCHED, title=name), replace(BEA, name=name)) == expected


def test_r44_a_name_adds_no_line_to_the_file() -> None:
    forged = "Bea\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:forged"
    (event,) = Calendar.from_ical(content(replace(MATCHED, title=forged), replace(BEA, name=forged))).events
    assert event["UID"] == f"{MATCHED.booking_id}@lockstep"


def test_r34_an_event_has_nothing_that_opens_the_room() -> None:
    assert b"the-pair-id" not in content(MATCHED, BEA).replace(b"\r\n ", b"")


def test_r44_a_cancelled_session_keeps_no_time_busy() -> None:
    assert b"\r\nTRANSP:TRANSPARENT\r\n" in content(WAITING.cancelled(ASKED))
    assert b"TRANSP" not in content(WAITING)


def test_r44_the_sequence_number_stays_within_the_range_of_calendar_programs() -> None:
    assert b"\r\nSEQUENCE:2147483647\r\n" in content(WAITING, sequence=2**31 + 5)


def test_r44_the_stamp_is_the_latest_recorded_change() -> None:
    later = ASKED + timedelta(hours=1)
    changes = (BookingChange(ChangeKind.DISPLACED, later), BookingChange(ChangeKind.MATCHED, ASKED))
    assert stamp_of(replace(WAITING, changes=changes)) == later.replace(microsecond=0)
    assert stamp_of(WAITING) == ASKED.replace(microsecond=0)


def test_r43_an_invitation_has_its_method_an_organizer_and_a_reminder() -> None:
    event = vevent(view(MATCHED, BEA), sequence=1, url=None, stamp=ASKED)
    event["ORGANIZER"] = organizer('Lockstep "x", Inc.', "Lockstep <no-reply@lockstep.example>")
    event.add_component(reminder("Thesis"))
    data = calendar([event], method="REQUEST")
    other = vobject.readOne(data.decode())
    assert (other.method.value, other.vevent.organizer.value) == ("REQUEST", "mailto:no-reply@lockstep.example")
    assert other.vevent.valarm.trigger.value == timedelta(minutes=-10)
    (one,) = Calendar.from_ical(data).walk("VALARM")
    assert (one["TRIGGER"].dt, one["ACTION"], one["DESCRIPTION"]) == (timedelta(minutes=-10), "DISPLAY", "Thesis")


@pytest.mark.long  # Writes 100 files twice.
@given(st.text(st.characters(codec="utf-8"), max_size=90), st.text(max_size=3), st.sampled_from([None, "https://x"]))
def test_r44_the_file_is_the_one_that_the_library_writes(title: str, name: str, url: str | None) -> None:
    title = title.encode(errors="ignore").decode()
    shown = view(replace(MATCHED, title=title), replace(BEA, name=name.encode(errors="ignore").decode()))
    event = vevent(shown, sequence=7, url=url, stamp=ASKED)
    whole = Calendar.from_ical(calendar([]))
    whole.add_component(event)
    assert calendar([event]) == whole.to_ical()


@pytest.mark.long  # Makes 10,000 events.
def test_r44_ten_thousand_sessions_are_less_than_a_megabyte_as_they_are_sent() -> None:
    slots = [Slot(NINE + timedelta(minutes=30 * number), 25) for number in range(10_000)]
    shown = [view(replace(MATCHED, booking_id=f"20260302-{n:016d}-012345", slot=slot)) for n, slot in enumerate(slots)]
    began = process_time()
    content = calendar(vevent(one, sequence=n, url=None, stamp=ASKED) for n, one in enumerate(shown))
    seconds = process_time() - began
    # The gateway compresses a response for every client that accepts it.
    assert len(gzip.compress(content)) < 1_000_000
    assert seconds < 1
    assert content.count(b"BEGIN:VEVENT") == 10_000


def test_r44_a_calendar_to_subscribe_to_has_a_name_and_a_time_to_refresh() -> None:
    data = calendar([Event()], name="Ada, Lockstep")
    assert vobject.readOne(data.decode()).x_wr_calname.value == "Ada, Lockstep"
    file = Calendar.from_ical(data)
    assert file["REFRESH-INTERVAL"].dt == timedelta(hours=1)
    assert "METHOD" not in file
