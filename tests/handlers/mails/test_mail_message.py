"""Tests of messages, read by Python's strict parser."""

from datetime import UTC, datetime

import pytest
from hypothesis import strategies as st

from chalicelib.domain.model.mail_address import is_mail_address, sending_form
from chalicelib.handlers.mails.mail_message import Invitation, Mail, isolated, message_of, one_line, rendered
from tests.outbox import SENDER, parsed, text_of
from tests.properties import given, settings

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
NAMES = ("أحمد", "प्रिया शर्मा", "👩🏽‍💻 Ada", "Zoë", "山田 太郎", "Ad\u0301a")

# Local parts of all characters, some around an encoded word.
ATOMS = st.text("aB0!#$%&'*+/=?^_`{|}~-.", max_size=3)
LOCAL_PARTS = st.tuples(ATOMS, st.sampled_from(["x", "=?", "=?utf-8?q?x?="]), ATOMS)


def message(address: str = "ada@bücher.example", **changed: object) -> bytes:
    mail = {"mail_id": "evt_1", "subject": "Hello", "text": "Text", "html": "<p>Text</p>", **changed}
    return message_of(Mail(**mail), sender="notices@lockstep.example", sender_name="Lockstep", address=address, at=NOW)  # type: ignore[arg-type]


@pytest.mark.long  # 100 messages.
@settings(max_examples=100)
@given(LOCAL_PARTS.map("".join), st.sampled_from(["example.org", "bücher.example", f"{'b' * 63}.{'b' * 63}.example"]))
def test_r43_every_accepted_address_is_the_only_one_of_its_message(local_part: str, domain: str) -> None:
    address = f"{local_part}@{domain}"
    if is_mail_address(address):
        (recipient,) = parsed(message(address))["To"].addresses
        assert recipient.addr_spec == sending_form(address)


def test_r43_a_message_has_the_headers_of_an_automatic_mail() -> None:
    unsubscribe = "https://lockstep.example/n/unsubscribe/" + "x" * 80
    found = parsed(message(thread_id="session", unsubscribe=unsubscribe))
    assert {name: str(value) for name, value in found.items() if name != "Content-Type"} == {
        "From": SENDER,
        "To": "ada@xn--bcher-kva.example",
        "Subject": "Hello",
        "Date": "Mon, 02 Mar 2026 08:00:00 +0000",
        "Message-ID": "<evt_1@lockstep.example>",
        "References": "<session@lockstep.example>",
        "Auto-Submitted": "auto-generated",
        "List-Unsubscribe": f"<{unsubscribe}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "MIME-Version": "1.0",
    }
    assert "List-Unsubscribe" not in parsed(message())


def test_r43_long_addresses_and_ids_are_plain_in_the_bytes_of_a_message() -> None:
    """Mailboxes read these headers without decoding encoded words (RFC 2047, RFC 8058)."""
    unsubscribe, long_id = "https://lockstep.example/n/unsubscribe/" + "x" * 120, "i" * 90
    address = f"{'a' * 64}@{'b' * 60}.example.com"
    mail = Mail(mail_id=long_id, subject="Hello", text="T", html="<p>T</p>", thread_id=long_id, unsubscribe=unsubscribe)
    raw = message_of(mail, sender=address, sender_name="Zoë", address=address, at=NOW)
    lines = raw.partition(b"\r\n\r\n")[0].decode("ascii").split("\r\n")
    domain = address.rpartition("@")[2]
    assert {
        f"To: {address}",
        f"Message-ID: <{long_id}@{domain}>",
        f"References: <{long_id}@{domain}>",
        f"List-Unsubscribe: <{unsubscribe}>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    } <= set(lines)
    assert f"<{address}>" in "\n".join(lines)
    assert parsed(raw)["From"].addresses[0].display_name == "Zoë"
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_r43_an_address_with_a_line_break_makes_no_message() -> None:
    for field in ("unsubscribe", "mail_id", "thread_id"):
        with pytest.raises(ValueError, match=r"linefeed|newline"):
            message(**{field: "https://lockstep.example/" + "x" * 90 + "\r\nBcc: eve@example.org"})


def test_r43_long_lines_of_a_text_stay_within_76_characters_of_a_message() -> None:
    raw = message(text="x" * 2000 + "é", html="<p>" + "y" * 2000 + "</p>")
    body = raw.partition(b"\r\n\r\n")[2]
    assert max(map(len, body.split(b"\r\n"))) <= 78


def test_r43_a_message_has_plain_text_html_and_a_calendar_in_that_order() -> None:
    ics = "BEGIN:VCALENDAR\r\nSUMMARY:أحمد\r\nEND:VCALENDAR\r\n"
    found = parsed(message(invitation=Invitation("REQUEST", ics.encode())))
    assert found.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in found.iter_parts()] == ["text/plain", "text/html", "text/calendar"]
    (*_, calendar) = found.iter_parts()
    assert calendar.get_param("method") == "REQUEST"
    assert calendar.get_content().splitlines() == ics.splitlines()


@pytest.mark.parametrize("name", NAMES)
def test_r43_a_name_of_any_script_arrives_as_written(name: str) -> None:
    found = parsed(message(subject=f"Matched with {name} " * 5, text=f"{name}\n", html=f"<p>{name}</p>\n"))
    assert str(found["Subject"]) == (f"Matched with {name} " * 5).strip()
    assert text_of(found) == f"{name}\n"
    assert text_of(found, "html") == f"<p>{name}</p>\n"


@pytest.mark.parametrize(
    "text",
    [
        "Hello\r\nBcc: eve@example.org",
        "Hello\nContent-Type: text/html\n\n<script>",
        "Hello\r\n\r\n--boundary",
        "Hello\x00\x0b\x0c\x85\u2028\u2029Bcc: eve@example.org",
        "Hello\ud800",
        "=?utf-8?q?=0D=0ABcc:_eve=40example.org?=",
    ],
)
def test_r43_a_text_adds_neither_a_header_nor_a_part(text: str) -> None:
    plain = parsed(message())
    found = parsed(message(subject=text, text=one_line(text), html=one_line(text)))
    assert found.keys() == plain.keys()
    assert str(found["Subject"]) == one_line(text)
    assert "Bcc" not in found
    assert found["To"] == plain["To"]
    assert [part.get_content_type() for part in found.iter_parts()] == ["text/plain", "text/html"]


def test_r43_a_line_that_looks_like_a_boundary_or_a_header_stays_in_its_part() -> None:
    text = "--===============0\nContent-Type: text/html\n\n.\n.\nFrom eve\nBcc: eve@example.org\n"
    assert text_of(parsed(message(text=text))) == text


def test_r43_html_of_a_member_is_escaped() -> None:
    values = {"headline": "H", "link": "https://lockstep.example/", "link_text": "Open", "reason": "R"}
    text, html = rendered("notice", lines=["<script>alert(1)</script>&\"'"], unsubscribe=None, **values)
    assert "<script>alert(1)</script>&\"'" in text
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;" in html


def test_r43_a_text_of_a_member_is_isolated_in_one_line() -> None:
    assert isolated("أحمد\r\nBcc: x") == "\u2068أحمد Bcc: x\u2069"
