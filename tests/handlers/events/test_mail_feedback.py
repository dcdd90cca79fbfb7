"""Tests of bounces and complaints, in the forms in which SES publishes them."""

import json
from typing import Any

import pytest

from chalicelib.handlers.event_log import EventFailed
from chalicelib.handlers.events.mail_feedback import handle_feedback
from chalicelib.services.notices.notice_settings import NoticesChange, change_notices, mail_recipient
from tests.handlers.conftest import Lines
from tests.harness import World

ADDRESS = "ada@example.org"


def published(message: Any) -> list[dict[str, Any]]:
    text = message if isinstance(message, str) else json.dumps(message)
    return [{"EventSource": "aws:sns", "Sns": {"MessageId": "one", "Message": text}}]


def bounce(kind: str, *addresses: str) -> dict[str, Any]:
    recipients = [
        {"emailAddress": address, "action": "failed", "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 no user"}
        for address in addresses
    ]
    mail = {"timestamp": "2026-03-02T08:00:00.000Z", "source": "notices@lockstep.example", "destination": [*addresses]}
    details = {"bounceType": kind, "bounceSubType": "General", "bouncedRecipients": recipients, "feedbackId": "f"}
    return {"eventType": "Bounce", "bounce": details, "mail": mail}


def complaint(*addresses: str, **reported: str) -> dict[str, Any]:
    recipients = [{"emailAddress": address} for address in addresses]
    details = {"complainedRecipients": recipients, "feedbackId": "f", **reported}
    return {"notificationType": "Complaint", "complaint": details, "mail": {"destination": [*addresses]}}


def used(world: World, message: Any) -> bool:
    """Return whether a verified address is used after the message."""
    ada = world.member("Ada").member_id
    change_notices(world.context, ada, NoticesChange(address=ADDRESS, verified_address=ADDRESS))
    handle_feedback(world.context, published(message))
    return mail_recipient(world.context, ada) is not None


@pytest.mark.parametrize(
    "message",
    [
        bounce("Permanent", ADDRESS),
        bounce("Permanent", "eve@example.org", "Ada@EXAMPLE.org"),
        # Few mailbox providers name a type.
        complaint(ADDRESS),
        complaint(ADDRESS, complaintFeedbackType="abuse"),
        complaint(ADDRESS, complaintFeedbackType="other"),
    ],
)
def test_r43_an_address_that_bounces_or_complains_is_used_no_more(world: World, message: Any) -> None:
    assert not used(world, message)


@pytest.mark.parametrize(
    "message",
    [
        bounce("Transient", ADDRESS),
        bounce("Undetermined", ADDRESS),
        bounce("Permanent", "eve@example.org"),
        # The member has moved the mail out of the folder for spam.
        complaint(ADDRESS, complaintFeedbackType="not-spam"),
        {"eventType": "Delivery", "delivery": {"recipients": [ADDRESS]}, "mail": {"destination": [ADDRESS]}},
    ],
)
def test_r43_other_feedback_changes_nothing(world: World, message: Any) -> None:
    assert used(world, message)


def test_the_log_has_the_number_of_addresses_and_none_of_them(world: World, lines: Lines) -> None:
    handle_feedback(world.context, published(bounce("Permanent", ADDRESS, "eve@example.org")))
    (line,) = lines()
    assert (line["event"], line["type"], line["addresses"], line["outcome"]) == ("feedback", "Bounce", 2, "ok")
    assert "example.org" not in json.dumps(line)


def test_a_message_of_another_form_fails_so_that_it_is_delivered_again(world: World, lines: Lines) -> None:
    with pytest.raises(EventFailed):
        handle_feedback(world.context, published(f'{{"bounce": "{ADDRESS}"}}'))
    assert ADDRESS not in json.dumps(lines())
