"""Tests of a session as a file for calendar programs."""

from datetime import timedelta

import pytest
import vobject
from icalendar import Calendar
from msgspec.structs import replace

from chalicelib.settings import Messaging
from tests.handlers.callers import member
from tests.handlers.conftest import Send, SignIn
from tests.harness import World, at


def properties(send: Send, session: dict[str, str], query: str = "") -> dict[str, str]:
    """Return the properties of the event in a session's file, with the same values for two parsers."""
    answer = send("GET", f"/v1/sessions/{session['sessionId']}/calendar{query}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    content = answer.body.decode()
    (event,) = Calendar.from_ical(content).events
    other = vobject.readOne(content).vevent
    found = {name: event[name].to_ical().decode() for name in event}
    assert set(other.contents) == {name.lower() for name in found} | {"valarm"}
    assert (other.uid.value, other.sequence.value) == (found["UID"], found["SEQUENCE"])
    assert other.valarm.trigger.value == timedelta(minutes=-10)
    return found


def test_r24_the_file_of_a_session_has_its_link_its_organizer_and_a_reminder(world: World, sign_in: SignIn) -> None:
    send = sign_in("Ada")
    messaging = Messaging(product_name="Tandem", mail_from="Tandem <no-reply@tandem.example>")
    world.context.settings = replace(world.context.settings, messaging=messaging)
    ada, ben = member(world, "Ada"), member(world, "Ben")
    token = world.invite(ben)
    world.book(ben, at(1))
    session = world.accept(ada, token, at(1))
    found = properties(send, session, f"?link={token}")
    assert found == {
        "UID": f"{session['sessionId']}@lockstep",
        "DTSTAMP": "20260302T080000Z",
        "DTSTART": "20260302T090000Z",
        "DTEND": "20260302T095000Z",
        "SUMMARY": "Session with Ben",
        "DESCRIPTION": "Locked in with Ben.",
        "SEQUENCE": str(world.day(ada, at(1)).version),
        "STATUS": "CONFIRMED",
        "URL": f"https://lockstep.example/i/{token}",
        "ORGANIZER": "mailto:no-reply@tandem.example",
    }


def test_a_session_without_a_link_has_the_public_address(world: World, sign_in: SignIn) -> None:
    send = sign_in("Ada")
    session = world.book(member(world, "Ada"), at(1))
    assert "URL" not in properties(send, session)
    messaging = Messaging(public_url="https://app.example")
    world.context.settings = replace(world.context.settings, messaging=messaging)
    assert properties(send, session)["URL"] == "https://app.example"


@pytest.mark.parametrize("link", ["%0D%0AATTENDEE:x", "a/../b", "%3Ba%2Cb", "%C3%A9", ""])
def test_a_forged_link_adds_nothing_to_the_file(world: World, sign_in: SignIn, link: str) -> None:
    send = sign_in("Ada")
    session = world.book(member(world, "Ada"), at(1))
    found = properties(send, session, f"?link={link}")
    assert "ATTENDEE" not in found
    assert found.get("URL", "https://lockstep.example/i/").startswith("https://lockstep.example/i/")


def test_r44_a_cancelled_session_is_cancelled_in_its_file(world: World, sign_in: SignIn) -> None:
    send, ada = sign_in("Ada"), member(world, "Ada")
    session = world.book(ada, at(1))
    before = properties(send, session)
    world.cancel(ada, session)
    after = properties(send, session)
    assert (before["UID"], after["STATUS"]) == (after["UID"], "CANCELLED")
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])


def test_the_file_of_another_members_session_is_not_found(world: World, sign_in: SignIn) -> None:
    session = world.book(member(world, "Ben"), at(1))
    answers = [
        sign_in("Ada")("GET", f"/v1/sessions/{one}/calendar") for one in (session["sessionId"], "unknown", "%0A")
    ]
    assert {(answer.status_code, answer.json_body["code"]) for answer in answers} == {(404, "not_found")}
