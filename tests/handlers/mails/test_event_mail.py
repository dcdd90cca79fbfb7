"""Tests of the mails of events."""

import re
from datetime import timedelta

import pytest
import vobject
from msgspec.structs import replace

from chalicelib.domain.model.event import Event, EventKind
from chalicelib.domain.model.member import Profile
from chalicelib.handlers.mails.event_mail import HEADLINES, Recipient, event_mail, when
from chalicelib.handlers.mails.mail_message import Mail
from chalicelib.services.bookings.sessions import own_day
from chalicelib.services.notices.event_details import details_of
from chalicelib.services.rooms.attendance import join_session
from chalicelib.services.rooms.second_chance import seek_again
from tests.harness import World, at
from tests.outbox import PUBLIC_URL, SENDER, connect_outbox

UNSUBSCRIBE = f"{PUBLIC_URL}/n/unsubscribe/token"
RECIPIENT = Recipient("ada@example.org", "Europe/Vienna", UNSUBSCRIBE)


def mail_of(world: World, member: Profile, kind: EventKind, session_id: str | None, **more: str) -> Mail:
    """Return the mail of an event of a member's session in the first slot."""
    connect_outbox(world)
    event = Event("evt_1", kind, member.member_id, world.now, at(1), session_id, **more)
    sequence = own_day(world.context, member.member_id, session_id).version if session_id else 0
    (details,) = details_of(world.context, member, [event])
    return event_mail(details, RECIPIENT, world.context.settings.messaging, sequence=sequence, now=world.now)


def test_r43_every_kind_of_event_has_a_headline() -> None:
    assert HEADLINES.keys() == set(EventKind)
    assert len(set(HEADLINES.values())) == len(HEADLINES)


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("UTC", "Monday 2 March 2026, 09:00 to 09:50 (UTC+00:00, UTC)"),
        ("Europe/Vienna", "Monday 2 March 2026, 10:00 to 10:50 (UTC+01:00, Europe/Vienna)"),
        ("Asia/Kathmandu", "Monday 2 March 2026, 14:45 to 15:35 (UTC+05:45, Asia/Kathmandu)"),
        ("Pacific/Kiritimati", "Monday 2 March 2026, 23:00 to 23:50 (UTC+14:00, Pacific/Kiritimati)"),
        ("Pacific/Honolulu", "Sunday 1 March 2026, 23:00 to 23:50 (UTC-10:00, Pacific/Honolulu)"),
        ("No/Zone", "Monday 2 March 2026, 09:00 to 09:50 (UTC+00:00, No/Zone)"),
    ],
)
def test_r43_times_are_in_the_zone_of_the_member_with_its_offset(zone: str, text: str) -> None:
    assert when(at(1), zone) == text


def test_r43_a_mail_shows_the_current_session(world: World) -> None:
    ada, ben = world.members("Ada", "بن")
    session = world.book(ada, at(1), title="<Thesis> & more")["sessionId"]
    mail = mail_of(world, ada, EventKind.BOOKED, session)
    assert mail.subject == "You booked a session: Mon 2 Mar, 10:00"
    assert (
        mail.text
        == f"""You booked a session

Monday 2 March 2026, 10:00 to 10:50 (UTC+01:00, Europe/Vienna)
Title: \u2068<Thesis> & more\u2069
You have no partner yet. You get one as soon as a member fits.

Open in Lockstep: {PUBLIC_URL}/?session={session}

--\u0020
Lockstep sends you this because you chose mails about your sessions.
No more mails: {UNSUBSCRIBE}
"""
    )
    assert "&lt;Thesis&gt; &amp; more" in mail.html
    world.book(ben, at(1))
    # A mail that is late shows the partner too.
    assert "Partner: \u2068بن\u2069." in mail_of(world, ada, EventKind.BOOKED, session).text
    world.leave(ben)
    assert "بن" not in mail_of(world, ada, EventKind.MATCHED, session).text


def test_r43_the_invitation_is_requested_updated_and_withdrawn_under_one_uid(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    session = world.book(ada, at(1), title="Thesis")
    booked = mail_of(world, ada, EventKind.BOOKED, session["sessionId"])
    world.book(ben, at(1))
    matched = mail_of(world, ada, EventKind.MATCHED, session["sessionId"])
    world.cancel(ada, session)
    cancelled = mail_of(world, ada, EventKind.CANCELLED, session["sessionId"])
    found = [mail.invitation for mail in (booked, matched, cancelled)]
    events = [vobject.readOne(one.content.decode()).vevent for one in found if one]
    assert [one.method for one in found if one] == ["REQUEST", "REQUEST", "CANCEL"]
    assert {event.uid.value for event in events} == {f"{session['sessionId']}@lockstep"}
    sequences = [int(event.sequence.value) for event in events]
    assert sequences == sorted(set(sequences))
    assert [event.status.value for event in events] == ["TENTATIVE", "CONFIRMED", "CANCELLED"]
    assert {(event.organizer.value, event.attendee.value) for event in events} == {
        ("mailto:notices@lockstep.example", "mailto:ada@example.org")
    }
    assert {event.url.value for event in events} == {f"{PUBLIC_URL}/?session={session['sessionId']}"}
    # A late mail of an earlier change does not bring the session back.
    late = mail_of(world, ada, EventKind.MATCHED, session["sessionId"]).invitation
    assert late
    assert late.method == "CANCEL"


def test_r43_the_invitation_of_a_session_that_its_day_dropped_is_withdrawn(world: World) -> None:
    ada = world.member("Ada")
    session = world.book(ada, at(1))["sessionId"]
    event = Event("evt_1", EventKind.CANCELLED, ada.member_id, world.now, at(1), session)
    (details,) = details_of(world.context, ada, [event])
    connect_outbox(world)
    gone = replace(details, session=None)
    mail = event_mail(gone, RECIPIENT, world.context.settings.messaging, sequence=7, now=world.now)
    assert mail.invitation
    event = vobject.readOne(mail.invitation.content.decode()).vevent
    assert (mail.invitation.method, event.status.value, event.sequence.value) == ("CANCEL", "CANCELLED", "7")
    other = replace(gone, event=replace(gone.event, kind=EventKind.CHANGED))
    assert event_mail(other, RECIPIENT, world.context.settings.messaging, sequence=7, now=world.now).invitation is None


def test_r45_a_mail_about_a_favorite_has_the_name_and_no_invitation(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    mail = mail_of(world, ada, EventKind.FAVORITE_AVAILABLE, None, other_id=ben.member_id)
    assert "\u2068Ben\u2069 can be locked in for this time." in mail.text
    assert (mail.invitation, mail.thread_id) == (None, None)
    assert f"{PUBLIC_URL}/\n" in mail.text


@pytest.mark.parametrize("kind", [EventKind.STARTING, EventKind.UNMATCHED, EventKind.MISSED])
def test_r43_a_reminder_changes_nothing_in_a_calendar(world: World, kind: EventKind) -> None:
    ada = world.member("Ada")
    assert mail_of(world, ada, kind, world.book(ada, at(1))["sessionId"]).invitation is None


def test_r23_a_mail_after_the_start_says_that_there_was_no_partner(world: World) -> None:
    ada = world.member("Ada")
    session = world.book(ada, at(1))["sessionId"]
    world.after(hours=1)
    assert "No partner was found." in mail_of(world, ada, EventKind.UNMATCHED, session).text


def test_r38_a_mail_about_a_missed_session_says_why(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    sessions = [world.book(member, at(1))["sessionId"] for member in (ada, ben)]
    world.deliver()
    world.now = at(1).start + timedelta(minutes=3)
    join_session(world.context, ada, sessions[0])
    seek_again(world.context, ada, sessions[0])
    missed = mail_of(world, ben, EventKind.MISSED, sessions[1])
    assert missed.subject.startswith("You missed your session")
    assert "You had not joined, so your partner asked for another partner." in missed.text
    assert "Ada" not in missed.text
    assert "You have no partner yet." in mail_of(world, ada, EventKind.CHANGED, sessions[0]).text


def test_r41_no_mail_holds_the_address_of_a_room(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ada, ben)
    world.book(ben, at(1))
    session = world.lock(ada, ben, at(1))
    room = session["roomUrl"].rpartition("/")[2]
    for kind in EventKind:
        mail = mail_of(world, ada, kind, session["sessionId"])
        content = mail.invitation.content.decode() if mail.invitation else ""
        whole = "\n".join((mail.subject, mail.text, mail.html, re.sub(r"\r\n ", "", content)))
        assert room not in whole
        assert "rooms.example" not in whole


def test_the_sender_of_these_tests_is_one_address() -> None:
    assert SENDER.count("@") == 1
