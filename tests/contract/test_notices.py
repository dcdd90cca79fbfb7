"""Notices by e-mail, from the settings to the mailbox of the local run."""

from typing import Any

import pytest
from icalendar import Calendar

from tests.contract.client import Client, Runner
from tests.infra.poll import until


def mails_to(controlled: Runner, address: str) -> list[dict[str, Any]]:
    """Return the mails to an address, oldest first."""
    found: list[dict[str, Any]] = controlled.dev("GET", f"/dev/mail?to={address}")["mails"]
    return found[::-1]


def with_address(controlled: Runner, name: str, address: str) -> Client:
    """Return a new member with a verified address."""
    member = controlled.sign_in(name)
    answer = member.patch("/v1/me/notices", {"email": {"address": address}})
    assert (answer.status, answer.json["email"]["verified"]) == (200, False)
    (mail,) = mails_to(controlled, address)
    (link,) = mail["links"]
    path = link.removeprefix(controlled.base)
    assert controlled.request("GET", path).json == {"done": False}
    assert member.get("/v1/me/notices").json["email"]["verified"] is False
    assert controlled.request("POST", path).json == {"done": True}
    assert member.get("/v1/me/notices").json["email"]["verified"] is True
    return member


@pytest.mark.long  # Mails that the stream and a queue cause.
def test_r43_a_member_is_mailed_what_happens_to_a_session_until_one_click(controlled: Runner) -> None:
    address = "amira@example.org"
    amira, ben = with_address(controlled, "أميرة 🦊", address), controlled.sign_in("Ben")
    slot = controlled.slots.near()
    session = amira.book(slot, title="Thesis")["sessionId"]
    until(lambda: len(mails_to(controlled, address)) == 2)
    ben.book(slot)
    until(lambda: len(mails_to(controlled, address)) == 3)
    amira.cancel(session)
    until(lambda: len(mails_to(controlled, address)) == 4)
    booked, matched, cancelled = mails_to(controlled, address)[1:]
    assert [mail["method"] for mail in (booked, matched, cancelled)] == ["REQUEST", "REQUEST", "CANCEL"]
    assert "Ben" in matched["text"]
    events = [Calendar.from_ical(mail["calendar"]).walk("VEVENT")[0] for mail in (booked, matched, cancelled)]
    assert {str(event["UID"]) for event in events} == {f"{session}@lockstep"}
    sequences = [int(event["SEQUENCE"]) for event in events]
    assert sequences == sorted(set(sequences))
    unsubscribe = cancelled["headers"]["List-Unsubscribe"].strip("<>").removeprefix(controlled.base)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert controlled.request("POST", unsubscribe, headers=form, body=b"List-Unsubscribe=One-Click").status == 200
    assert amira.get("/v1/me/notices").json["email"]["kinds"] == []


def test_a_browser_gets_a_page_of_the_mails(controlled: Runner) -> None:
    page = controlled.request("GET", "/dev/mail", headers={"Accept": "text/html"})
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
