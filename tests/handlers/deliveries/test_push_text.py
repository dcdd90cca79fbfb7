"""Tests of the text of push messages (R43)."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.channels.web_push import MOST_TEXT_BYTES
from chalicelib.domain.model.booking import Booking, Partner, State
from chalicelib.domain.model.event import Event, EventKind
from chalicelib.domain.model.member import Profile, WorkStyle
from chalicelib.domain.model.slot import Slot
from chalicelib.handlers.deliveries.push_text import push_message
from chalicelib.services.bookings.sessions import SessionView
from chalicelib.services.notices.event_details import EventDetails
from chalicelib.settings import Messaging

NINE = datetime(2026, 3, 29, 0, 45, tzinfo=UTC)
NOW = NINE - timedelta(hours=2)
BEN = Profile("b" * 24, "Ben", "UTC", NOW, revision="")
BOOKING = Booking("one", "a" * 24, Slot(NINE, 50), NOW, State.WAITING)
MATCHED = replace(BOOKING, state=State.MATCHED, partner=Partner(BEN.member_id, "room", WorkStyle()))
EVENT = Event("evt_1", EventKind.MATCHED, BOOKING.member_id, NOW, BOOKING.slot, "one")
FAVORITE = replace(EVENT, kind=EventKind.FAVORITE_AVAILABLE, booking_id=None, other_id=BEN.member_id)


def text(details: EventDetails, time_zone: str = "UTC") -> dict[str, Any]:
    return json.loads(push_message(details, time_zone, Messaging(), NOW).text)


def view(booking: Booking, partner: Profile | None = None) -> SessionView:
    return SessionView(booking, partner, False, NOW, False)


@pytest.mark.parametrize(
    ("details", "body"),
    [
        (EventDetails(EVENT), "Sun 29 Mar, 00:45"),
        (EventDetails(EVENT, view(BOOKING)), "Sun 29 Mar, 00:45"),
        (EventDetails(EVENT, view(MATCHED, BEN)), "Sun 29 Mar, 00:45, with \u2068Ben\u2069"),
        (EventDetails(EVENT, view(MATCHED)), "Sun 29 Mar, 00:45, with \u2068Former member\u2069"),
        (EventDetails(FAVORITE, favorite=BEN), "Sun 29 Mar, 00:45, \u2068Ben\u2069"),
        (EventDetails(FAVORITE), "Sun 29 Mar, 00:45, \u2068Former member\u2069"),
    ],
)
def test_r43_the_text_names_the_partner_that_the_session_has_now(details: EventDetails, body: str) -> None:
    assert text(details)["body"] == body


@pytest.mark.parametrize(
    ("time_zone", "shown"),
    [
        ("Europe/Vienna", "Sun 29 Mar, 01:45"),
        ("America/Los_Angeles", "Sat 28 Mar, 17:45"),
        # A zone that a later database dropped.
        ("Mars/Olympus", "Sun 29 Mar, 00:45"),
    ],
)
def test_r43_times_are_those_of_the_members_zone(time_zone: str, shown: str) -> None:
    assert text(EventDetails(EVENT), time_zone)["body"] == shown


def test_r43_a_message_of_a_favorite_has_no_session() -> None:
    found = text(EventDetails(FAVORITE, favorite=BEN))
    assert (found["url"], found["data"]["sessionId"]) == ("/", None)


def test_r43_the_longest_names_and_titles_fit_into_a_message() -> None:
    longest = replace(MATCHED, title="\N{GRINNING FACE}" * 200)
    details = EventDetails(EVENT, view(longest, replace(BEN, name="\N{GRINNING FACE}" * 80)))
    messaging = Messaging(public_url="https://" + "x" * 250)
    assert len(push_message(details, "UTC", messaging, NOW).text) < MOST_TEXT_BYTES


def test_r43_a_push_service_keeps_a_message_until_the_session_ends() -> None:
    message = push_message(EventDetails(EVENT), "UTC", Messaging(), NOW)
    assert (message.lasting, message.urgent) == (timedelta(hours=2, minutes=50), False)
    assert push_message(EventDetails(EVENT), "UTC", Messaging(), NINE - timedelta(hours=1)).urgent
    assert len(message.topic) == 32
