"""Tests of the mailbox of the local run, which the client of SES calls."""

import base64
import json
from typing import Any

import pytest

from chalicelib.handlers.events.mail_feedback import handle_feedback
from chalicelib.handlers.mails.mail_message import Invitation, Mail, message_of
from chalicelib.services.notices.notice_settings import NoticesChange, change_notices, mail_recipient
from infra.local.aws import client
from infra.local.clock import MovableClock
from infra.local.dev.mailbox import MOST_MAILS, Mailbox
from infra.local.state import LocalState
from tests.harness import MONDAY, World
from tests.outbox import SENDER

ADDRESS = "ada@bücher.example"


def request(number: int, address: str = "ada@xn--bcher-kva.example") -> dict[str, Any]:
    """Return the request of the client of SES that sends a mail."""
    link = f"https://lockstep.example/n/verify/{number}"
    invitation = Invitation("REQUEST", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    mail = Mail(f"evt_{number}", f"Hello {number}", f"Text {link}\n", "<p>Hello</p>\n", invitation=invitation)
    message = message_of(mail, sender="notices@lockstep.example", sender_name="Lockstep", address=ADDRESS, at=MONDAY)
    return {
        "FromEmailAddress": SENDER,
        "Destination": {"ToAddresses": [address]},
        "Content": {"Raw": {"Data": base64.b64encode(message).decode()}},
    }


@pytest.fixture
def state(engine: str) -> LocalState:
    """The stored state of a local run, without mails."""
    found = LocalState(client("dynamodb", engine))
    found.write("mails", 0)
    return found


def mailbox(state: LocalState, on_feedback: Any = None) -> Mailbox:
    return Mailbox(state, MovableClock(lambda: MONDAY), on_feedback or (lambda _: None))


def test_a_mail_is_shown_whole_and_newest_first_also_after_a_restart(state: LocalState) -> None:
    first = mailbox(state)
    for number in (1, 2):
        assert first.send(request(number)).status == 200
    found = mailbox(state).listed({}).json()["mails"]
    assert [mail["subject"] for mail in found] == ["Hello 2", "Hello 1"]
    assert {name: found[0][name] for name in ("at", "from", "to", "html", "method", "links")} == {
        "at": "2026-03-02T08:00:00.000+00:00",
        "from": SENDER,
        "to": "ada@xn--bcher-kva.example",
        "html": "<p>Hello</p>\n",
        "method": "REQUEST",
        "links": ["https://lockstep.example/n/verify/2"],
    }
    assert found[0]["text"] == "Text https://lockstep.example/n/verify/2\n"
    assert found[0]["calendar"].split() == ["BEGIN:VCALENDAR", "END:VCALENDAR"]
    assert found[0]["headers"]["Auto-Submitted"] == "auto-generated"
    assert b"Subject: Hello 2" in base64.b64decode(found[0]["raw"])
    assert mailbox(state).listed({"to": "eve@example.org"}).json() == {"mails": []}
    assert mailbox(state).listed({"to": found[0]["to"], "limit": "1"}).json() == {"mails": found[:1]}
    # A second runner on the same engine shows the mails of the first one.
    assert first.send(request(3)).status == 200
    assert [mail["subject"] for mail in first.mails()] == ["Hello 3", "Hello 2", "Hello 1"]
    page = mailbox(state).page()
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Hello 2" in page.body.decode()
    assert "<script" not in page.body.decode()


@pytest.mark.long  # Reads 500 mails.
def test_the_mailbox_keeps_the_latest_mails(state: LocalState) -> None:
    state.write("mails", MOST_MAILS - 1)
    found = mailbox(state)
    for number in (1, 2):
        found.send(request(number))
    assert [mail["subject"] for mail in found.mails()[:2]] == ["Hello 2", "Hello 1"]
    assert len(found.mails()) <= MOST_MAILS


@pytest.mark.parametrize(
    "change",
    [
        {"Content": {"Raw": {"Data": "not base64"}}},
        {"Content": {"Simple": {}}},
        {"Destination": {"ToAddresses": []}},
        {"Destination": None},
    ],
)
def test_anything_else_than_a_raw_message_to_one_address_is_refused(state: LocalState, change: Any) -> None:
    found = mailbox(state)
    assert found.send(request(1) | change).status == 400
    assert found.mails() == []


@pytest.mark.parametrize("kind", ["bounce", "complaint"])
def test_r43_a_mail_to_the_simulator_of_ses_causes_its_feedback(world: World, state: LocalState, kind: str) -> None:
    address = f"{kind}@simulator.amazonses.com"
    ada = world.member("Ada").member_id
    change_notices(world.context, ada, NoticesChange(address=address, verified_address=address))
    found = mailbox(state, lambda event: handle_feedback(world.context, event["Records"]))
    found.send(request(1, "success@simulator.amazonses.com"))
    assert mail_recipient(world.context, ada) is not None
    assert json.loads(found.send(request(2, address)).body)["MessageId"]
    assert mail_recipient(world.context, ada) is None
